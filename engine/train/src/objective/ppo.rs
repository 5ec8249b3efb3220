//! PPO with a value function, the baseline that preference optimisation is held against.
//!
//! Token reward: −κ (ln π_old − ln ref) at every response token, plus the score at the last. GAE:
//! δ_t = r_t + γ V_{t+1} − V_t, A_t = δ_t + γ λ A_{t+1}, both 0 past the last token; returns are A + V_old. A is then
//! whitened over all tokens of the batch.

use super::{Metrics, ObjectiveError, not_negative, positive};
use crate::mask::Mask;
use crate::real::{Real, mean_of};

/// How rewards become advantages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimation {
    /// κ: weight of the distance to the reference in the reward, 0 or above.
    pub kl_coefficient: f64,
    /// γ, in (0, 1].
    pub discount: f64,
    /// λ, in [0, 1].
    pub lambda: f64,
}

/// What rollouts left behind.
#[derive(Debug, Clone, Copy)]
pub struct Experience<'a, R> {
    /// Response tokens.
    pub mask: &'a Mask,
    /// ln π of each row's token when it was sampled.
    pub old: &'a [R],
    /// ln ref of each row's token.
    pub reference: &'a [R],
    /// The value function then.
    pub old_values: &'a [R],
    /// The score of each response.
    pub scores: &'a [R],
}

/// What a policy and a value function learn from; 0 in rows that do not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets<R> {
    /// Reward of each token.
    pub token_rewards: Vec<R>,
    /// Advantages as GAE gives them.
    pub advantages_raw: Vec<R>,
    /// A + V_old.
    pub returns: Vec<R>,
    /// Advantages with mean 0 and variance 1 over the batch.
    pub advantages: Vec<R>,
}

/// Whitening divides by the square root of the variance and this.
const VARIANCE_EPSILON: f64 = 1e-8;

/// Rewards, returns and whitened advantages. Sums are taken in f64.
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, or a setting is out of range.
pub fn targets<R: Real>(experience: &Experience<'_, R>, settings: Estimation) -> Result<Targets<R>, ObjectiveError> {
    let Experience { mask, old, reference, old_values, scores } = *experience;
    mask.check("log-probabilities of the old policy", old)?;
    mask.check("log-probabilities of the reference", reference)?;
    mask.check("the old values", old_values)?;
    mask.check_sequences("the score", scores)?;
    not_negative("the KL coefficient", settings.kl_coefficient)?;
    for (name, value) in [("the discount", settings.discount), ("lambda", settings.lambda)] {
        if !(0.0..=1.0).contains(&value) {
            return Err(ObjectiveError::Setting { name, value, range: "between 0 and 1" });
        }
    }
    let zeros = || vec![0.0_f64; mask.len()];
    let (mut rewards, mut raw, mut returns) = (zeros(), zeros(), zeros());
    for (sequence, score) in scores.iter().enumerate() {
        let (mut value_after, mut advantage_after) = (0.0, 0.0);
        let rows: Vec<usize> = mask.rows_of(sequence).collect();
        for (after, row) in rows.into_iter().rev().enumerate() {
            rewards[row] = -settings.kl_coefficient * (old[row].to_f64() - reference[row].to_f64());
            if after == 0 {
                rewards[row] += score.to_f64();
            }
            let value = old_values[row].to_f64();
            let delta = rewards[row] + settings.discount * value_after - value;
            raw[row] = delta + settings.discount * settings.lambda * advantage_after;
            returns[row] = raw[row] + value;
            (value_after, advantage_after) = (value, raw[row]);
        }
    }
    let white = whitened(mask, &raw);
    let narrow = |values: Vec<f64>| values.into_iter().map(R::from_f64).collect();
    Ok(Targets {
        token_rewards: narrow(rewards),
        advantages_raw: narrow(raw),
        returns: narrow(returns),
        advantages: narrow(white),
    })
}

/// Mean 0 and population variance 1 over the rows that count; 0 elsewhere.
fn whitened(mask: &Mask, values: &[f64]) -> Vec<f64> {
    let count = mask.count();
    let kept = || mask.rows().map(|(_, row)| values[row]);
    let mean = mean_of(kept(), count);
    let variance = mean_of(kept().map(|value| (value - mean) * (value - mean)), count);
    let scale = 1.0 / (variance + VARIANCE_EPSILON).sqrt();
    (0..values.len()).map(|row| if mask.keeps(row) { (values[row] - mean) * scale } else { 0.0 }).collect()
}

/// Where a step ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clip {
    /// Ratios outside 1 ± this gain nothing; above 0.
    pub ratio: f64,
    /// Values further than this from the old ones gain nothing; above 0.
    pub value: f64,
    /// Weight of the value function's loss, 0 or above.
    pub value_coefficient: f64,
}

/// What one forward pass gave, for targets made before.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a, R> {
    /// ln π of each row's token.
    pub log_prob: &'a [R],
    /// The value function.
    pub values: &'a [R],
}

/// What a pass costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Losses<R> {
    /// Policy loss + weight · value loss.
    pub loss: R,
    /// mean max(−A ρ, −A clip(ρ)).
    pub policy_loss: R,
    /// ½ mean max((V − R)², (clip(V) − R)²).
    pub value_loss: R,
    /// Derivative of the loss by ln π of each row's token.
    pub gradient_log_prob: Vec<R>,
    /// Derivative of the loss by each row's value.
    pub gradient_values: Vec<R>,
    /// What is shown beside it.
    pub metrics: Metrics,
}

/// The clipped losses of policy and value function.
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, or a setting is out of range.
pub fn loss<R: Real>(
    experience: &Experience<'_, R>,
    targets: &Targets<R>,
    pass: &Pass<'_, R>,
    clip: Clip,
) -> Result<Losses<R>, ObjectiveError> {
    let mask = experience.mask;
    mask.check("log-probabilities of the policy", pass.log_prob)?;
    mask.check("the values", pass.values)?;
    mask.check("the advantages", &targets.advantages)?;
    mask.check("the returns", &targets.returns)?;
    positive("the ratio's clip", clip.ratio)?;
    positive("the value's clip", clip.value)?;
    not_negative("the value coefficient", clip.value_coefficient)?;
    let count = mask.count();
    let share = R::ONE / R::from_f64(count as f64);
    let zeros = || vec![R::ZERO; mask.len()];
    let (mut of_policy, mut of_values) = (zeros(), zeros());
    let (mut policy_terms, mut value_terms) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let (mut clipped, mut held) = (0_usize, 0_usize);
    for (_, row) in mask.rows() {
        let advantage = targets.advantages[row];
        let (ratio, ratio_held) = (pass.log_prob[row] - experience.old[row]).exp_held();
        held += usize::from(ratio_held);
        let bounded = ratio.max(R::from_f64(1.0 - clip.ratio)).min(R::from_f64(1.0 + clip.ratio));
        let (free, at_end) = (-advantage * ratio, -advantage * bounded);
        if free >= at_end {
            of_policy[row] = free * share;
        } else {
            clipped += 1;
        }
        policy_terms.push(free.max(at_end));
        let (term, slope) = clip.value_term(pass.values[row], experience.old_values[row], targets.returns[row]);
        of_values[row] = R::from_f64(clip.value_coefficient) * slope * share;
        value_terms.push(term);
    }
    let policy_loss = mean_of(policy_terms, count);
    let value_loss = R::from_f64(0.5) * mean_of(value_terms, count);
    Ok(Losses {
        loss: policy_loss + R::from_f64(clip.value_coefficient) * value_loss,
        policy_loss,
        value_loss,
        gradient_log_prob: of_policy,
        gradient_values: of_values,
        metrics: Metrics::of([
            ("clipped_share", clipped as f64 / count as f64),
            ("saturated_tokens", held as f64),
            ("tokens", count as f64),
        ]),
    })
}

impl Clip {
    /// The larger squared error, and half its derivative by the value.
    fn value_term<R: Real>(self, value: R, old: R, wanted: R) -> (R, R) {
        let reach = R::from_f64(self.value);
        let bounded = value.max(old - reach).min(old + reach);
        let (free, at_end) = (value - wanted, bounded - wanted);
        if free * free >= at_end * at_end { (free * free, free) } else { (at_end * at_end, R::ZERO) }
    }
}
