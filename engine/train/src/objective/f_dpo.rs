//! f-DPO: direct preference optimisation under a divergence of choice.
//!
//! L = −ln σ(β f′(u_w) − β f′(u_l)), u = π/ref of a whole response, averaged over pairs. Everything is computed from
//! log-ratios in forms that neither overflow nor lose nearly equal terms; where the true number lies beyond the width,
//! it is held at the end and the pair is counted as saturated.

use super::{Metrics, ObjectiveError, positive};
use crate::divergence::Divergence;
use crate::mask::RowsError;
use crate::real::{Real, mean_of};

/// Log-probabilities of whole responses, one number for each pair: sums over response tokens, the end of text included.
#[derive(Debug, Clone, Copy)]
pub struct Pairs<'a, R> {
    /// ln π of the chosen response.
    pub policy_chosen: &'a [R],
    /// ln π of the rejected response.
    pub policy_rejected: &'a [R],
    /// ln ref of the chosen response.
    pub reference_chosen: &'a [R],
    /// ln ref of the rejected response.
    pub reference_rejected: &'a [R],
}

/// What pairs cost.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLoss<R> {
    /// Mean over pairs.
    pub loss: R,
    /// Of each pair.
    pub losses: Vec<R>,
    /// Derivative of the mean by ln π of each chosen response.
    pub gradient_chosen: Vec<R>,
    /// Derivative of the mean by ln π of each rejected response.
    pub gradient_rejected: Vec<R>,
    /// f′(u) of each chosen response, up to its constant.
    pub chosen_score: Vec<R>,
    /// f′(u) of each rejected response, up to its constant.
    pub rejected_score: Vec<R>,
    /// β f′(u) of each chosen response: the reward that the policy stands for.
    pub chosen_reward: Vec<R>,
    /// β f′(u) of each rejected response.
    pub rejected_reward: Vec<R>,
    /// β (f′(u_w) − f′(u_l)) of each pair.
    pub margins: Vec<R>,
    /// Pairs in which some number was held at the end of its range.
    pub saturated: usize,
}

/// The loss of pairs, and its derivatives.
///
/// # Errors
/// [`ObjectiveError`] when lengths differ, a log-ratio is not finite, there is no pair, or β is not above 0.
pub fn loss<R: Real>(pairs: &Pairs<'_, R>, divergence: Divergence, beta: f64) -> Result<PairLoss<R>, ObjectiveError> {
    positive("beta", beta)?;
    let (chosen, rejected) = pairs.log_ratios()?;
    let count = chosen.len();
    let mut all = PairLoss::with_capacity(count);
    let (log_beta, share) = (R::from_f64(libm::log(beta)), R::from_f64(count as f64));
    for (chosen, rejected) in chosen.into_iter().zip(rejected) {
        let margin = divergence.margin(beta, chosen, rejected);
        let slope = (-margin.value).log_sigmoid() + log_beta;
        let (up, up_held) = (slope + divergence.log_slope(chosen)).exp_held();
        let (down, down_held) = (slope + divergence.log_slope(rejected)).exp_held();
        let (of_chosen, of_rejected) = (divergence.derivative(chosen), divergence.derivative(rejected));
        all.losses.push(-margin.value.log_sigmoid());
        all.gradient_chosen.push(-up / share);
        all.gradient_rejected.push(down / share);
        all.chosen_score.push(of_chosen.value);
        all.rejected_score.push(of_rejected.value);
        all.chosen_reward.push(R::from_f64(beta) * of_chosen.value);
        all.rejected_reward.push(R::from_f64(beta) * of_rejected.value);
        all.margins.push(margin.value);
        all.saturated += usize::from(margin.held || up_held || down_held || of_chosen.held || of_rejected.held);
    }
    all.loss = mean_of(all.losses.iter().copied(), count);
    Ok(all)
}

impl<R: Real> Pairs<'_, R> {
    /// ln u of chosen and rejected responses.
    fn log_ratios(&self) -> Result<(Vec<R>, Vec<R>), ObjectiveError> {
        let pairs = self.policy_chosen.len();
        if pairs == 0 {
            return Err(RowsError::NoSequences.into());
        }
        let difference = |what, policy: &[R], reference: &[R]| -> Result<Vec<R>, RowsError> {
            for values in [policy, reference] {
                if values.len() != pairs {
                    return Err(RowsError::Length {
                        what,
                        found: values.len(),
                        expected: pairs,
                        sequences: pairs,
                        tokens: 1,
                    });
                }
            }
            let all: Vec<R> = policy.iter().zip(reference).map(|(policy, reference)| *policy - *reference).collect();
            match all.iter().position(|ratio| !ratio.is_finite()) {
                Some(sequence) => Err(RowsError::NotFinite { what, sequence, row: 0, value: all[sequence].to_f64() }),
                None => Ok(all),
            }
        };
        Ok((
            difference("log-ratio of chosen responses", self.policy_chosen, self.reference_chosen)?,
            difference("log-ratio of rejected responses", self.policy_rejected, self.reference_rejected)?,
        ))
    }
}

impl<R: Real> PairLoss<R> {
    fn with_capacity(pairs: usize) -> Self {
        let numbers = || Vec::with_capacity(pairs);
        Self {
            loss: R::ZERO,
            losses: numbers(),
            gradient_chosen: numbers(),
            gradient_rejected: numbers(),
            chosen_score: numbers(),
            rejected_score: numbers(),
            chosen_reward: numbers(),
            rejected_reward: numbers(),
            margins: numbers(),
            saturated: 0,
        }
    }

    /// Rewards and log-ratios are two numbers, which agree only under the reverse KL; both are told. Accuracy is the
    /// share of pairs whose chosen response has the higher implicit reward, a tie counting half.
    pub fn metrics(&self, pairs: &Pairs<'_, R>) -> Metrics {
        let count = self.losses.len();
        let mean = |values: &[R]| mean_of(values.iter().map(|value| value.to_f64()), count);
        let ratio = |policy: &[R], reference: &[R]| {
            mean_of(policy.iter().zip(reference).map(|(policy, reference)| policy.to_f64() - reference.to_f64()), count)
        };
        let right = self.margins.iter().map(|margin| match margin.to_f64() {
            above if above > 0.0 => 1.0,
            below if below < 0.0 => 0.0,
            _ => 0.5,
        });
        Metrics::of([
            ("implicit_reward_chosen", mean(&self.chosen_reward)),
            ("implicit_reward_rejected", mean(&self.rejected_reward)),
            ("implicit_reward_margin", mean(&self.margins)),
            ("log_ratio_chosen", ratio(pairs.policy_chosen, pairs.reference_chosen)),
            ("log_ratio_rejected", ratio(pairs.policy_rejected, pairs.reference_rejected)),
            ("accuracy", mean_of(right, count)),
            ("saturated_pairs", self.saturated as f64),
        ])
    }
}
