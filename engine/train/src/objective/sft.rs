//! Supervised fine-tuning: the mean negative log-probability of response tokens. On a teacher's responses it is the
//! plainest distillation.

use super::{Metrics, ObjectiveError, Outcome, RowGradients};
use crate::mask::Mask;
use crate::real::{Real, mean_of};

/// The loss of a batch's response tokens, each with the same weight.
///
/// # Errors
/// [`ObjectiveError::Rows`] when lengths differ or a log-probability that counts is not finite.
pub fn loss<R: Real>(mask: &Mask, log_prob: &[R]) -> Result<Outcome<R>, ObjectiveError> {
    mask.check("log-probabilities of the policy", log_prob)?;
    let tokens = mask.count();
    let mut gradients = RowGradients::zeros(mask.len());
    for (_, row) in mask.rows() {
        gradients.log_prob[row] = -(R::ONE / R::from_f64(tokens as f64));
    }
    let loss = mean_of(mask.rows().map(|(_, row)| -log_prob[row]), tokens);
    Ok(Outcome { loss, gradients, metrics: Metrics::of([("tokens", tokens as f64)]) })
}
