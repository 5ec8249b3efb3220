//! One row of logits, read value by value: what an objective hears of it, and the gradient that comes back.
//!
//! Two passes over the vocabulary and a handful of sums in f64: what a row takes besides its logits does not depend on
//! how wide it is, and a batch of rows needs no memory of its own. This is the meaning of the operators that do the same
//! on a device.

use crate::mask::RowsError;
use crate::real::Real;

/// What the logits of one row say. q is the reference's distribution, or the teacher's; p the policy's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowStatistics {
    /// ln p(target).
    pub log_prob: f64,
    /// ln q(target).
    pub reference: f64,
    /// −Σ p ln p, nats.
    pub entropy: f64,
    /// KL(q‖p), nats; rounding may leave it a little below 0.
    pub kl_ref_policy: f64,
    /// KL(p‖q), nats; rounding may leave it a little below 0.
    pub kl_policy_ref: f64,
    policy: Normaliser,
    other: Normaliser,
}

/// Largest logit, and ln Σ e^(logit − largest).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Normaliser {
    largest: f64,
    log_sum: f64,
}

impl Normaliser {
    /// Over logits that are multiplied by `scale` first.
    pub(crate) fn of<R: Real>(logits: &[R], scale: f64) -> Self {
        let largest = logits.iter().fold(f64::NEG_INFINITY, |largest, logit| largest.max(logit.to_f64() * scale));
        let sum: f64 = logits.iter().map(|logit| libm::exp(logit.to_f64() * scale - largest)).sum();
        Self { largest, log_sum: libm::log(sum) }
    }

    /// The logarithm of a probability.
    pub(crate) fn log_prob(&self, logit: f64) -> f64 {
        (logit - self.largest) - self.log_sum
    }
}

/// How the derivatives by a row's statistics become its gradient by logits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RowGradient {
    /// Derivative of the loss by ln p(target).
    pub log_prob: f64,
    /// Derivative of the loss by KL(q‖p).
    pub kl_ref_policy: f64,
    /// Derivative of the loss by KL(p‖q).
    pub kl_policy_ref: f64,
}

impl RowStatistics {
    /// Reads one row. Logits of the whole vocabulary, in its order.
    ///
    /// # Errors
    /// [`RowsError`] when widths differ, the target is outside, or a logit is not finite.
    pub fn of<R: Real>(policy: &[R], reference: &[R], target: usize) -> Result<Self, RowsError> {
        check(policy, reference)?;
        if target >= policy.len() {
            let label = i64::try_from(target).unwrap_or(i64::MAX);
            return Err(RowsError::Label { label, sequence: 0, position: 0, vocabulary: policy.len() });
        }
        let (of_policy, of_reference) = (Normaliser::of(policy, 1.0), Normaliser::of(reference, 1.0));
        let (mut entropy, mut kl_ref_policy, mut kl_policy_ref) = (0.0, 0.0, 0.0);
        for (policy, reference) in policy.iter().zip(reference) {
            let (log_p, log_q) = (of_policy.log_prob(policy.to_f64()), of_reference.log_prob(reference.to_f64()));
            let (p, q) = (libm::exp(log_p), libm::exp(log_q));
            entropy -= p * log_p;
            kl_ref_policy += q * (log_q - log_p);
            kl_policy_ref += p * (log_p - log_q);
        }
        Ok(Self {
            log_prob: of_policy.log_prob(policy[target].to_f64()),
            reference: of_reference.log_prob(reference[target].to_f64()),
            entropy,
            kl_ref_policy,
            kl_policy_ref,
            policy: of_policy,
            other: of_reference,
        })
    }

    /// Writes the gradient by the logits `first..first + out.len()` of the row that this was read from, for which
    /// `policy` and `reference` hold the same logits. A row may be written in as many parts as one likes.
    pub fn gradient<R: Real>(
        &self,
        first: usize,
        policy: &[R],
        reference: &[R],
        target: usize,
        by: RowGradient,
        out: &mut [R],
    ) {
        for (at, ((policy, reference), out)) in policy.iter().zip(reference).zip(out).enumerate() {
            let log_p = self.policy.log_prob(policy.to_f64());
            let log_q = self.other.log_prob(reference.to_f64());
            let (p, q) = (libm::exp(log_p), libm::exp(log_q));
            let hit = if first + at == target { 1.0 } else { 0.0 };
            let slope = by.log_prob * (hit - p)
                + by.kl_ref_policy * (p - q)
                + by.kl_policy_ref * p * (log_p - log_q - self.kl_policy_ref);
            *out = R::from_f64(slope);
        }
    }
}

/// Both rows are of one width and finite.
pub(crate) fn check<R: Real>(policy: &[R], reference: &[R]) -> Result<(), RowsError> {
    if policy.is_empty() || policy.len() != reference.len() {
        let (found, expected) = (reference.len(), policy.len());
        return Err(RowsError::Length { what: "logits of the reference", found, expected, sequences: 1, tokens: 1 });
    }
    for (what, logits) in [("a logit of the policy", policy), ("a logit of the reference", reference)] {
        if let Some(logit) = logits.iter().find(|logit| !logit.is_finite()) {
            return Err(RowsError::NotFinite { what, sequence: 0, row: 0, value: logit.to_f64() });
        }
    }
    Ok(())
}
