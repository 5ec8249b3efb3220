//! Expected calibration error, of two confidences that are easily confused.

use super::MetricError;
use crate::real::Real;

/// Numbers nearer than this to a bin's edge belong to the upper bin.
const EDGE_SLACK: f64 = 1e-12;

/// Σ over bins of the share of samples in it times |accuracy − mean confidence|. Bins are `[k/n, (k+1)/n)`, and the last
/// one holds 1 too.
///
/// # Errors
/// [`MetricError`] when the lists differ, are empty, a confidence lies outside \[0, 1\], or there is no bin.
pub fn ece(confidence: &[f64], correct: &[bool], bins: usize) -> Result<f64, MetricError> {
    let metric = "ECE";
    if confidence.len() != correct.len() {
        return Err(MetricError::Lengths { metric, left: confidence.len(), right: correct.len() });
    }
    if confidence.is_empty() || bins == 0 {
        return Err(MetricError::TooFew { metric, needed: "a sample and a bin", found: "is none" });
    }
    let mut sums = vec![(0.0, 0.0); bins];
    for (value, correct) in confidence.iter().zip(correct) {
        if !(0.0..=1.0).contains(value) {
            return Err(MetricError::Range { metric, value: *value, range: "between 0 and 1" });
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and the number of bins
        let bin = ((value + EDGE_SLACK) * bins as f64) as usize;
        let (confident, right) = &mut sums[bin.min(bins - 1)];
        *confident += value;
        *right += f64::from(u8::from(*correct));
    }
    let apart: f64 = sums.iter().map(|(confident, right)| (right - confident).abs()).sum();
    Ok(apart / confidence.len() as f64)
}

/// As f-DPO's figures were made: the confidence of a pair is the likelihood per token of its chosen response, and it is
/// right when that is higher than the rejected one's. `chosen` and `rejected` hold ln π and tokens of each response.
///
/// # Errors
/// As [`ece`]; a response has a token or more.
pub fn ece_likelihood(chosen: &[(f64, usize)], rejected: &[(f64, usize)], bins: usize) -> Result<f64, MetricError> {
    let metric = "ECE by likelihood";
    if chosen.len() != rejected.len() {
        return Err(MetricError::Lengths { metric, left: chosen.len(), right: rejected.len() });
    }
    if chosen.iter().chain(rejected).any(|(_, tokens)| *tokens == 0) {
        return Err(MetricError::TooFew { metric, needed: "a token a response", found: "is a response without" });
    }
    let by_token = |(log_prob, tokens): &(f64, usize)| log_prob / *tokens as f64;
    let confidence: Vec<f64> = chosen.iter().map(|response| libm::exp(by_token(response))).collect();
    let right: Vec<bool> = chosen.iter().zip(rejected).map(|(a, b)| by_token(a) > by_token(b)).collect();
    ece(&confidence, &right, bins)
}

/// The confidence of a pair is σ of its implicit reward margin, for whichever of the two the model prefers; it is right
/// when that is the response labelled as chosen. `margins` are β (f′(u_w) − f′(u_l)).
///
/// # Errors
/// As [`ece`].
pub fn ece_reward(margins: &[f64], bins: usize) -> Result<f64, MetricError> {
    if let Some(value) = margins.iter().find(|margin| !margin.is_finite()) {
        return Err(MetricError::Range { metric: "ECE by reward", value: *value, range: "a finite margin" });
    }
    let confidence: Vec<f64> = margins.iter().map(|margin| margin.abs().log_sigmoid().exp()).collect();
    let right: Vec<bool> = margins.iter().map(|margin| *margin > 0.0).collect();
    ece(&confidence, &right, bins)
}
