//! Entropy and divergence of distributions that are given by logits.

use super::MetricError;
use crate::real::Real;
use crate::row::Normaliser;

/// −Σ p ln p of softmax(logits), in nats.
///
/// # Errors
/// [`MetricError`] when there is no logit or one is not finite.
pub fn entropy<R: Real>(logits: &[R]) -> Result<f64, MetricError> {
    let all = Normaliser::of(checked("entropy", logits)?, 1.0);
    Ok(logits.iter().map(|logit| all.log_prob(logit.to_f64())).map(|log_p| -libm::exp(log_p) * log_p).sum())
}

/// KL(p‖q) of softmax(first) and softmax(second), in nats. Swap the two for the other direction.
///
/// # Errors
/// [`MetricError`] when widths differ, there is no logit, or one is not finite.
pub fn kl<R: Real>(first: &[R], second: &[R]) -> Result<f64, MetricError> {
    if first.len() != second.len() {
        return Err(MetricError::Lengths { metric: "KL", left: first.len(), right: second.len() });
    }
    let (p, q) = (Normaliser::of(checked("KL", first)?, 1.0), Normaliser::of(checked("KL", second)?, 1.0));
    let pairs = first.iter().zip(second);
    Ok(pairs
        .map(|(first, second)| (p.log_prob(first.to_f64()), q.log_prob(second.to_f64())))
        .map(|(log_p, log_q)| libm::exp(log_p) * (log_p - log_q))
        .sum())
}

fn checked<'a, R: Real>(metric: &'static str, logits: &'a [R]) -> Result<&'a [R], MetricError> {
    if logits.is_empty() {
        return Err(MetricError::TooFew { metric, needed: "a logit", found: "is none" });
    }
    match logits.iter().find(|logit| !logit.is_finite()) {
        Some(logit) => Err(MetricError::Range { metric, value: logit.to_f64(), range: "a finite logit" }),
        None => Ok(logits),
    }
}
