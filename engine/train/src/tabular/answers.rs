//! One prompt with a handful of answers, where the optimum of f-DPO is known in closed form.

use crate::divergence::Divergence;
use crate::objective::ObjectiveError;
use crate::objective::f_dpo::{Pairs, loss};
use crate::random::Random;
use crate::real::Real;

/// Answers with their chances under the reference, and their rewards.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// Chances under the reference, all above 0.
    pub reference: Vec<f64>,
    /// Rewards.
    pub rewards: Vec<f64>,
}

/// The optimal policy: f′(π/ref) = (r − λ)/β with λ such that chances add up to 1, found by halving an interval.
pub fn closed_form(answers: &Answers, divergence: Divergence, beta: f64) -> Vec<f64> {
    let of = |lambda: f64| -> Vec<f64> {
        let ratios = answers.rewards.iter().map(|reward| divergence.ratio_at((reward - lambda) / beta));
        ratios.zip(&answers.reference).map(|(ratio, chance)| ratio * chance).collect()
    };
    let bounds = answers
        .rewards
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), reward| (reward.min(low), reward.max(high)));
    // At λ = the least reward every ratio is 1 or more; at the greatest, 1 or less.
    let (mut low, mut high) = bounds;
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        let sum: f64 = of(middle).iter().sum();
        if sum > 1.0 { low = middle } else { high = middle }
    }
    let policy = of(high);
    let sum: f64 = policy.iter().sum();
    policy.into_iter().map(|chance| chance / sum).collect()
}

impl Answers {
    /// Normal rewards, and a reference of normal logits.
    pub fn random(count: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let rewards = (0..count).map(|_| random.normal()).collect();
        let weights: Vec<f64> = (0..count).map(|_| libm::exp(0.5 * random.normal())).collect();
        let sum: f64 = weights.iter().sum();
        Self { reference: weights.into_iter().map(|weight| weight / sum).collect(), rewards }
    }

    /// Learns from `pairs` pairs that are drawn from the reference and labelled by Bradley and Terry's model, by `steps` full
    /// steps of gradient descent at a falling rate. Equal pairs are counted together, so that a step takes as long as the
    /// square of the answers.
    ///
    /// # Errors
    /// [`ObjectiveError`] as the objective says.
    pub fn learn(
        &self,
        divergence: Divergence,
        beta: f64,
        pairs: usize,
        steps: usize,
        seed: u64,
    ) -> Result<Vec<f64>, ObjectiveError> {
        let (count, mut random) = (self.rewards.len(), Random::new(seed));
        let mut wins = vec![0.0_f64; count * count];
        for _ in 0..pairs {
            let [first, second] = [0, 1].map(|_| random.weighted(&self.reference));
            let chance = (self.rewards[first] - self.rewards[second]).log_sigmoid().exp();
            let (chosen, rejected) = if random.unit() < chance { (first, second) } else { (second, first) };
            wins[chosen * count + rejected] += 1.0 / pairs as f64;
        }
        let log_reference: Vec<f64> = self.reference.iter().map(|chance| libm::log(*chance)).collect();
        let mut logits = log_reference.clone();
        let mut moments = vec![(0.0, 0.0); count];
        for step in 0..steps {
            let normaliser = crate::row::Normaliser::of(&logits, 1.0);
            let log_probs: Vec<f64> = logits.iter().map(|logit| normaliser.log_prob(*logit)).collect();
            let by_log_prob = slopes(&wins, &log_probs, &log_reference, divergence, beta)?;
            let sum: f64 = by_log_prob.iter().sum();
            let rate = 0.05 * (1.0 - step as f64 / steps as f64);
            for (index, (logit, moment)) in logits.iter_mut().zip(&mut moments).enumerate() {
                let slope = by_log_prob[index] - libm::exp(log_probs[index]) * sum;
                moment.0 = 0.9 * moment.0 + 0.1 * slope;
                moment.1 = 0.99 * moment.1 + 0.01 * slope * slope;
                *logit -= rate * moment.0 / (moment.1.sqrt() + 1e-9);
            }
        }
        let normaliser = crate::row::Normaliser::of(&logits, 1.0);
        Ok(logits.iter().map(|logit| libm::exp(normaliser.log_prob(*logit))).collect())
    }
}

/// Derivatives of the weighted mean loss by ln π of each answer.
fn slopes(
    wins: &[f64],
    log_probs: &[f64],
    log_reference: &[f64],
    divergence: Divergence,
    beta: f64,
) -> Result<Vec<f64>, ObjectiveError> {
    let (count, mut all) = (log_probs.len(), vec![0.0; log_probs.len()]);
    for (pair, weight) in wins.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let (chosen, rejected) = (pair / count, pair % count);
        let got = loss(
            &Pairs {
                policy_chosen: &log_probs[chosen..=chosen],
                policy_rejected: &log_probs[rejected..=rejected],
                reference_chosen: &log_reference[chosen..=chosen],
                reference_rejected: &log_reference[rejected..=rejected],
            },
            divergence,
            beta,
        )?;
        all[chosen] += weight * got.gradient_chosen[0];
        all[rejected] += weight * got.gradient_rejected[0];
    }
    Ok(all)
}
