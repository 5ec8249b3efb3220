//! How long a million samples take to score, by estimator.
#![allow(clippy::print_stdout)] // its output is its result

use std::hint::black_box;
use std::time::Instant;

use frugal_score::dps::{self, FILTER_BASE, NOISE_WEIGHT, References};
use frugal_score::{
    Bootstrap, Measured, MeasuredProblem, ScoreError, Scored, benchmark, bootstrap_mean, eff_at_k, efficient_at_k,
    hodges_lehmann, log_log_pearson, pass_at_k, pearson, spearman, speedup,
};

const SAMPLES: u32 = 1_000_000;

/// Whole numbers below `bound`, spread without order.
fn numbers(bound: u32) -> Vec<f64> {
    (0..SAMPLES).map(|at| f64::from(at.wrapping_mul(2_654_435_761) >> 8) % f64::from(bound)).collect()
}

fn timed<T>(name: &str, work: impl FnOnce() -> Result<T, ScoreError>) -> Result<(), ScoreError> {
    let begun = Instant::now();
    black_box(work()?);
    println!("{name:<44} {:>8.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

fn main() -> Result<(), ScoreError> {
    let scores: Vec<f64> = numbers(2000).into_iter().map(|number| number / 1000.0).collect();
    let costs: Vec<f64> = numbers(1 << 24).into_iter().map(|number| number + 1.0).collect();
    let others: Vec<f64> = costs.iter().zip(&scores).map(|(cost, noise)| cost * (1.0 + noise)).collect();

    println!("{SAMPLES} samples");
    timed("pass@100, one problem", || pass_at_k(SAMPLES.into(), u64::from(SAMPLES / 2), 100))?;
    timed("eff@100, one problem", || eff_at_k(&scores, 100))?;
    let problems: Vec<Vec<Scored>> = scores
        .chunks(1000)
        .map(|samples| samples.iter().map(|&efficiency| Scored { passed: efficiency > 0.5, efficiency }).collect())
        .collect();
    timed("ENAMEL, 1000 problems, k = 1, 10, 100", || benchmark(&problems, &[1, 10, 100]))?;
    let problems: Vec<MeasuredProblem> = costs
        .chunks(10)
        .map(|costs| MeasuredProblem {
            ground_truth: vec![5e6],
            samples: costs.iter().map(|&cost| Measured::Correct { costs: vec![cost] }).collect(),
        })
        .collect();
    timed("COFFE efficient@1, 100000 problems", || efficient_at_k(&problems, 1))?;
    timed("COFFE speedup, 100000 problems", || speedup(&problems))?;
    let references = References::new(vec![9e6, 4e6, 1e6, 3e5], vec![10.0, 30.0, 80.0, 100.0])?;
    timed("DPS against 4 references", || {
        costs.iter().map(|&cost| references.score(Some(cost)).map(|score| score.dps)).sum::<Result<f64, _>>()
    })?;
    timed("DPE clusters", || dps::clusters(&costs, FILTER_BASE, NOISE_WEIGHT))?;
    timed("Hodges-Lehmann", || hodges_lehmann(&costs))?;
    timed("Pearson", || pearson(&costs, &others))?;
    timed("log-log Pearson", || log_log_pearson(&costs, &others))?;
    timed("Spearman", || spearman(&costs, &others))?;

    println!("intervals");
    timed("bootstrap of a mean, 142 problems, 2000 times", || bootstrap_mean(&scores[..142], Bootstrap::default()))?;
    let interval = bootstrap_mean(&scores[..142], Bootstrap::default())?;
    println!("ends as bits: {:016x} {:016x}", interval.low.to_bits(), interval.high.to_bits());
    Ok(())
}
