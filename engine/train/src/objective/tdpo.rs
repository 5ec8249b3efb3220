//! TDPO: preference optimisation that also holds the divergence of every token.
//!
//! With m = ln π − ln ref of a response and K its sum over response positions of KL(ref‖π) over the whole vocabulary:
//! TDPO1: L = −ln σ(β \[(m_w − m_l) − (K_l − K_w)\]); TDPO2: L = −ln σ(β \[(m_w − m_l) − α (K_l − sg(K_w))\]), where sg
//! stops the gradient on the chosen side only. TDPO1 pushes the chosen K up; TDPO2 does not, and keeps pressing K_l down.

use super::{Metrics, ObjectiveError, Outcome, RowGradients, Rows, not_negative, positive};
use crate::mask::Mask;
use crate::real::{Real, mean_of};

/// Which of the two losses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Variant {
    /// The gradient goes through the divergence of both responses.
    One,
    /// The divergence is scaled, and that of the chosen response has no gradient.
    Two {
        /// α, 0 or above; 0 is DPO.
        alpha: f64,
    },
}

/// What pairs cost.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLoss<R> {
    /// Mean over pairs, derivatives by rows, and what is shown.
    pub outcome: Outcome<R>,
    /// Of each pair.
    pub losses: Vec<R>,
    /// m of every sequence, chosen ones first.
    pub margins: Vec<R>,
    /// K of every sequence, chosen ones first.
    pub seq_kl_ref_policy: Vec<R>,
    /// β (m + K) of each chosen response.
    pub chosen_reward: Vec<R>,
    /// β (m + K) of each rejected response.
    pub rejected_reward: Vec<R>,
}

/// The loss of a batch whose first half holds the chosen responses, and the second half the rejected ones in the same
/// order. `kl_ref_policy` is KL(ref‖π) of each row.
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, the batch has an odd number of sequences, or β or α is out of range.
pub fn loss<R: Real>(
    rows: &Rows<'_, R>,
    kl_ref_policy: &[R],
    variant: Variant,
    beta: f64,
) -> Result<PairLoss<R>, ObjectiveError> {
    positive("beta", beta)?;
    let alpha = match variant {
        Variant::One => 1.0,
        Variant::Two { alpha } => not_negative("alpha", alpha)?,
    };
    rows.check()?;
    rows.mask.check("KL(reference || policy)", kl_ref_policy)?;
    let (mask, pairs) = (rows.mask, pairs_of(rows.mask)?);
    let sequences = 0..mask.sequences();
    let margins: Vec<R> =
        sequences.clone().map(|at| mask.sum(at, |row| rows.log_prob[row] - rows.reference[row])).collect();
    let divergences: Vec<R> = sequences.map(|at| mask.sum(at, |row| kl_ref_policy[row])).collect();
    let (scale, strength) = (R::from_f64(beta), R::from_f64(alpha));
    let mut losses = Vec::with_capacity(pairs);
    let mut gradients = RowGradients::zeros(mask.len());
    for chosen in 0..pairs {
        let rejected = chosen + pairs;
        let apart = divergences[rejected] - divergences[chosen];
        let z = scale * ((margins[chosen] - margins[rejected]) - strength * apart);
        losses.push(-z.log_sigmoid());
        let slope = -scale * (-z).log_sigmoid().exp() / R::from_f64(pairs as f64);
        for row in mask.rows_of(chosen) {
            gradients.log_prob[row] = slope;
            if variant == Variant::One {
                gradients.kl_ref_policy[row] = slope;
            }
        }
        for row in mask.rows_of(rejected) {
            gradients.log_prob[row] = -slope;
            gradients.kl_ref_policy[row] = -slope * strength;
        }
    }
    let reward = |at: usize| scale * (margins[at] + divergences[at]);
    let chosen_reward: Vec<R> = (0..pairs).map(reward).collect();
    let rejected_reward: Vec<R> = (pairs..2 * pairs).map(reward).collect();
    let metrics = metrics(&margins, &divergences, &chosen_reward, &rejected_reward);
    let outcome = Outcome { loss: mean_of(losses.iter().copied(), pairs), gradients, metrics };
    Ok(PairLoss { outcome, losses, margins, seq_kl_ref_policy: divergences, chosen_reward, rejected_reward })
}

/// Half the sequences.
pub(super) fn pairs_of(mask: &Mask) -> Result<usize, ObjectiveError> {
    let sequences = mask.sequences();
    if sequences.is_multiple_of(2) { Ok(sequences / 2) } else { Err(ObjectiveError::NoPairs { sequences }) }
}

fn metrics<R: Real>(margins: &[R], divergences: &[R], chosen_reward: &[R], rejected_reward: &[R]) -> Metrics {
    let pairs = chosen_reward.len();
    let mean = |values: &[R]| mean_of(values.iter().map(|value| value.to_f64()), pairs);
    let (chosen, rejected) = (mean(&divergences[..pairs]), mean(&divergences[pairs..]));
    let right = (0..pairs).map(|at| match chosen_reward[at].to_f64() - rejected_reward[at].to_f64() {
        above if above > 0.0 => 1.0,
        below if below < 0.0 => 0.0,
        _ => 0.5,
    });
    Metrics::of([
        ("implicit_reward_chosen", mean(chosen_reward)),
        ("implicit_reward_rejected", mean(rejected_reward)),
        ("implicit_reward_margin", mean(chosen_reward) - mean(rejected_reward)),
        ("log_ratio_chosen", mean(&margins[..pairs])),
        ("log_ratio_rejected", mean(&margins[pairs..])),
        ("accuracy", mean_of(right, pairs)),
        ("seq_kl_chosen", chosen),
        ("seq_kl_rejected", rejected),
        ("seq_kl_margin", (chosen - rejected).abs()),
    ])
}
