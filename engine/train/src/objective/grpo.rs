//! GRPO: the advantage of a response is how much better it is than the others to the same prompt.
//!
//! A_i = (r_i − mean)/(std + ε), ρ = exp(ln π − ln π_old); per token −min(ρ A, clip(ρ, 1−ε_lo, 1+ε_hi) A) plus, where
//! asked, β k3 to a reference.

use super::kl::Estimator;
use super::{Metrics, ObjectiveError, Outcome, RowGradients, not_negative, positive};
use crate::mask::Mask;
use crate::real::{Real, mean_of};

/// What the distance from the mean is divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// The standard deviation of the group.
    Group(Deviation),
    /// The standard deviation of all rewards of the batch.
    Batch(Deviation),
    /// Nothing.
    Unscaled,
}

/// A standard deviation as it divides rewards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// Whether squares are divided by n − 1 instead of n.
    pub sample: bool,
    /// What is added to it.
    pub epsilon: f64,
}

/// As GRPO's best-known implementation divides.
pub const SAMPLE: Deviation = Deviation { sample: true, epsilon: 1e-4 };
/// As our KDRL divides.
pub const POPULATION: Deviation = Deviation { sample: false, epsilon: 1e-6 };

/// Advantages of a batch, and how many groups say nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Advantages<R> {
    /// One for each response.
    pub values: Vec<R>,
    /// Groups whose rewards are all equal: their advantages are exactly 0.
    pub equal_groups: usize,
    /// All groups.
    pub groups: usize,
}

/// Advantages from rewards; each `group` consecutive ones belong to one prompt.
///
/// # Errors
/// [`ObjectiveError`] when rewards do not divide into groups of at least two, or one is not finite.
pub fn advantages<R: Real>(rewards: &[R], group: usize, scale: Scale) -> Result<Advantages<R>, ObjectiveError> {
    let sequences = rewards.len();
    if group < 2 || sequences == 0 || !sequences.is_multiple_of(group) {
        return Err(ObjectiveError::NoGroups { sequences, group });
    }
    if let Some(sequence) = rewards.iter().position(|reward| !reward.is_finite()) {
        let value = rewards[sequence].to_f64();
        return Err(crate::mask::RowsError::NotFinite { what: "the reward", sequence, row: 0, value }.into());
    }
    let wide: Vec<f64> = rewards.iter().map(|reward| reward.to_f64()).collect();
    let mut all = Advantages { values: Vec::with_capacity(sequences), equal_groups: 0, groups: sequences / group };
    for rewards in wide.chunks_exact(group) {
        let mean = rewards.iter().sum::<f64>() / group as f64;
        let divisor = match scale {
            Scale::Group(deviation) => deviation.divisor(rewards),
            Scale::Batch(deviation) => deviation.divisor(&wide),
            Scale::Unscaled => 1.0,
        };
        let equal = rewards.iter().all(|reward| *reward == rewards[0]);
        all.equal_groups += usize::from(equal);
        let of = |reward: &f64| if equal { R::ZERO } else { R::from_f64((reward - mean) / divisor) };
        all.values.extend(rewards.iter().map(of));
    }
    Ok(all)
}

impl Deviation {
    fn divisor(self, rewards: &[f64]) -> f64 {
        let count = rewards.len() as f64;
        let mean = rewards.iter().sum::<f64>() / count;
        let squares: f64 = rewards.iter().map(|reward| (reward - mean) * (reward - mean)).sum();
        (squares / if self.sample { count - 1.0 } else { count }).sqrt() + self.epsilon
    }
}

/// How tokens become one number. What it divides by is part of what a run records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// The mean over responses of the mean over their tokens.
    Grpo,
    /// The sum over tokens by the tokens of this batch.
    Bnpo,
    /// The sum over tokens by the tokens of the whole step, of which this batch may be a part.
    Dapo {
        /// Response tokens of the step.
        step_tokens: usize,
    },
    /// The sum over tokens by responses times the longest possible response, which favours no length.
    DrGrpo {
        /// Tokens of the longest possible response.
        completion_tokens_max: usize,
    },
}

/// The distance to a reference, in one place or none, so that it is never counted twice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReferenceKl<'a, R> {
    /// No reference.
    None,
    /// k1 of whole responses, subtracted from rewards before advantages: see [`shaped`].
    Reward,
    /// k3 of each token, added to the loss.
    Loss {
        /// Its weight, 0 or above.
        beta: f64,
        /// ln ref of each row's token.
        reference: &'a [R],
    },
}

/// Where ratios end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clip {
    /// ε_lo: ratios below 1 − ε_lo gain nothing.
    pub below: f64,
    /// ε_hi: ratios above 1 + ε_hi gain nothing.
    pub above: f64,
    /// The largest ratio that counts at all, for negative advantages too.
    pub ratio_max: Option<f64>,
}

/// What a batch of rollouts holds.
#[derive(Debug, Clone, Copy)]
pub struct Rollouts<'a, R> {
    /// Response tokens.
    pub mask: &'a Mask,
    /// ln π of each row's token.
    pub log_prob: &'a [R],
    /// ln π when the rollouts were made; none where they were made by this very policy, so that every ratio is 1.
    pub old: Option<&'a [R]>,
    /// One for each response.
    pub advantages: &'a [R],
}

/// The loss of rollouts. Log-ratios of rows that do not count are never formed, so that whatever stands there adds
/// nothing.
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, or a setting is out of range.
pub fn loss<R: Real>(
    rollouts: &Rollouts<'_, R>,
    reference: ReferenceKl<'_, R>,
    clip: Clip,
    aggregation: Aggregation,
) -> Result<Outcome<R>, ObjectiveError> {
    let Rollouts { mask, log_prob, old, advantages } = *rollouts;
    check(rollouts, reference, clip, aggregation)?;
    let mut gradients = RowGradients::zeros(mask.len());
    let (mut clipped, mut held) = (0_usize, 0_usize);
    let (mut terms, mut divergences) = (Vec::with_capacity(mask.count()), Vec::with_capacity(mask.count()));
    for (sequence, row) in mask.rows() {
        let ratio = old.map_or(R::ZERO, |old| log_prob[row] - old[row]);
        let term = clip.term(ratio, advantages[sequence]);
        let (mut value, mut derivative) = (term.value, term.derivative);
        clipped += usize::from(term.clipped);
        held += usize::from(term.held);
        if let ReferenceKl::Loss { beta, reference } = reference {
            let k3 = Estimator::K3.at(reference[row] - log_prob[row]);
            value += R::from_f64(beta) * k3.value;
            derivative += R::from_f64(beta) * k3.derivative;
            held += usize::from(k3.held);
            divergences.push(k3.value.to_f64());
        }
        let share = R::from_f64(aggregation.share(mask, sequence));
        gradients.log_prob[row] = derivative * share;
        terms.push(value * share);
    }
    let count = mask.count();
    let mut metrics = vec![
        ("clipped_share", clipped as f64 / count as f64),
        ("saturated_tokens", held as f64),
        ("tokens", count as f64),
    ];
    if !divergences.is_empty() {
        metrics.push(("k3_ref", mean_of(divergences, count)));
    }
    let loss = terms.into_iter().fold(R::ZERO, |sum, term| sum + term);
    Ok(Outcome { loss, gradients, metrics: Metrics::of(metrics) })
}

fn check<R: Real>(
    rollouts: &Rollouts<'_, R>,
    reference: ReferenceKl<'_, R>,
    clip: Clip,
    aggregation: Aggregation,
) -> Result<(), ObjectiveError> {
    let mask = rollouts.mask;
    mask.check("log-probabilities of the policy", rollouts.log_prob)?;
    if let Some(old) = rollouts.old {
        mask.check("log-probabilities of the old policy", old)?;
    }
    mask.check_sequences("the advantage", rollouts.advantages)?;
    if let ReferenceKl::Loss { beta, reference } = reference {
        not_negative("beta", beta)?;
        mask.check("log-probabilities of the reference", reference)?;
    }
    positive("the lower clip", clip.below)?;
    positive("the upper clip", clip.above)?;
    if let Some(ratio_max) = clip.ratio_max.filter(|ratio_max| ratio_max.is_nan() || *ratio_max <= 1.0 + clip.above) {
        let range = "above 1 + the upper clip";
        return Err(ObjectiveError::Setting { name: "the largest ratio", value: ratio_max, range });
    }
    let divisor = match aggregation {
        Aggregation::Grpo | Aggregation::Bnpo => return Ok(()),
        Aggregation::Dapo { step_tokens } => step_tokens,
        Aggregation::DrGrpo { completion_tokens_max } => completion_tokens_max,
    };
    positive("the normaliser", divisor as f64).map(|_| ())
}

/// One token's part of the loss.
struct Term<R> {
    value: R,
    derivative: R,
    clipped: bool,
    held: bool,
}

impl Clip {
    fn term<R: Real>(self, log_ratio: R, advantage: R) -> Term<R> {
        let (ratio, held) = log_ratio.exp_held();
        let (free, free_slope) = match self.ratio_max.map(R::from_f64) {
            Some(end) if ratio > end => (end, R::ZERO),
            _ => (ratio, ratio),
        };
        let (low, high) = (R::from_f64(1.0 - self.below), R::from_f64(1.0 + self.above));
        let bounded = ratio.max(low).min(high);
        if free * advantage <= bounded * advantage {
            Term { value: -(free * advantage), derivative: -(free_slope * advantage), clipped: false, held }
        } else {
            Term { value: -(bounded * advantage), derivative: R::ZERO, clipped: true, held }
        }
    }
}

impl Aggregation {
    /// The weight of one token of a sequence.
    fn share(self, mask: &Mask, sequence: usize) -> f64 {
        let sequences = mask.sequences() as f64;
        match self {
            Self::Grpo => 1.0 / (sequences * mask.count_of(sequence) as f64),
            Self::Bnpo => 1.0 / mask.count() as f64,
            Self::Dapo { step_tokens } => 1.0 / step_tokens as f64,
            Self::DrGrpo { completion_tokens_max } => 1.0 / (sequences * completion_tokens_max as f64),
        }
    }
}

/// Rewards less β times the sum of k1 = ln π − ln ref over each response, detached: the KL inside the reward.
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, or β is below 0.
pub fn shaped<R: Real>(
    rewards: &[R],
    mask: &Mask,
    log_prob: &[R],
    reference: &[R],
    beta: f64,
) -> Result<Vec<R>, ObjectiveError> {
    not_negative("beta", beta)?;
    mask.check_sequences("the reward", rewards)?;
    mask.check("log-probabilities of the policy", log_prob)?;
    mask.check("log-probabilities of the reference", reference)?;
    let k1 = |sequence| mask.sum(sequence, |row| Estimator::K1.at(reference[row] - log_prob[row]).value);
    Ok(rewards.iter().enumerate().map(|(at, reward)| *reward - R::from_f64(beta) * k1(at)).collect())
}
