//! How varied samples are.

use std::collections::BTreeMap;

use super::MetricError;

/// The lengths of n-grams that are usually shown.
pub const DISTINCT_ORDERS: [usize; 3] = [1, 2, 3];
/// The longest n-grams of self-BLEU.
pub const SELF_BLEU_ORDER: usize = 4;
/// What stands for no match at all (smoothing method 1 of nltk).
const NO_MATCH: f64 = 0.1;

/// Different n-grams by all n-grams, over the samples together.
///
/// # Errors
/// [`MetricError::TooFew`] when no sample has an n-gram.
pub fn distinct<T: Ord>(samples: &[Vec<T>], order: usize) -> Result<f64, MetricError> {
    let mut counts = BTreeMap::new();
    for sample in samples {
        count(sample, order, &mut counts);
    }
    let all: usize = counts.values().sum();
    if all == 0 {
        return Err(MetricError::TooFew { metric: "distinct-n", needed: "an n-gram", found: "is none" });
    }
    Ok(counts.len() as f64 / all as f64)
}

fn count<'a, T: Ord>(sample: &'a [T], order: usize, counts: &mut BTreeMap<&'a [T], usize>) {
    if order > 0 {
        for gram in sample.windows(order) {
            *counts.entry(gram).or_insert(0) += 1;
        }
    }
}

/// BLEU of each sample with all others as references, up to n-grams of `order`, without matches smoothed as nltk's
/// method 1 does. High means alike. Takes time in the square of the samples.
///
/// # Errors
/// [`MetricError::TooFew`] with fewer than two samples, or `order` 0.
pub fn self_bleu<T: Ord>(samples: &[Vec<T>], order: usize) -> Result<Vec<f64>, MetricError> {
    if samples.len() < 2 || order == 0 {
        return Err(MetricError::TooFew { metric: "self-BLEU", needed: "two samples or more", found: "are fewer" });
    }
    let grams: Vec<Vec<BTreeMap<&[T], usize>>> = samples.iter().map(|sample| grams(sample, order)).collect();
    Ok((0..samples.len()).map(|at| bleu(at, samples, &grams)).collect())
}

fn grams<T: Ord>(sample: &[T], order: usize) -> Vec<BTreeMap<&[T], usize>> {
    (1..=order)
        .map(|order| {
            let mut counts = BTreeMap::new();
            count(sample, order, &mut counts);
            counts
        })
        .collect()
}

fn bleu<T: Ord>(at: usize, samples: &[Vec<T>], grams: &[Vec<BTreeMap<&[T], usize>>]) -> f64 {
    let orders = grams[at].len();
    let mut log_sum = 0.0;
    for order in 0..orders {
        let mut matched = 0;
        for (gram, count) in &grams[at][order] {
            let others = grams.iter().enumerate().filter(|(other, _)| *other != at);
            let most = others.filter_map(|(_, grams)| grams[order].get(gram)).max().copied().unwrap_or(0);
            matched += most.min(*count);
        }
        if order == 0 && matched == 0 {
            return 0.0;
        }
        let all = grams[at][order].values().sum::<usize>().max(1);
        let hit = if matched == 0 { NO_MATCH } else { matched as f64 };
        log_sum += libm::log(hit / all as f64) / orders as f64;
    }
    brevity(at, samples) * libm::exp(log_sum)
}

/// Short samples are not rewarded: e^(1 − r/c) where c tokens are no more than the r of the closest reference.
fn brevity<T>(at: usize, samples: &[Vec<T>]) -> f64 {
    let length = samples[at].len();
    let others = samples.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, sample)| sample.len());
    let closest = others.min_by_key(|other| (other.abs_diff(length), *other)).unwrap_or(length);
    if length > closest {
        1.0
    } else if length == 0 {
        0.0
    } else {
        libm::exp(1.0 - closest as f64 / length as f64)
    }
}
