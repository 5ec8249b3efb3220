//! The objectives that learn from pairs, as one choice. A divergence stands only beside f-DPO, a stop-gradient only in
//! TDPO2: what does not belong together cannot be written down.

use super::f_dpo::{self, Pairs};
use super::tdpo::{self, Variant, pairs_of};
use super::{ObjectiveError, Outcome, RowGradients, Rows, not_negative, positive};
use crate::divergence::Divergence;
use crate::real::Real;

/// An objective over pairs of a chosen and a rejected response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Preference {
    /// DPO, which is f-DPO under the reverse KL.
    Dpo {
        /// β, above 0.
        beta: f64,
    },
    /// f-DPO.
    FDpo {
        /// β, above 0.
        beta: f64,
        /// What holds the policy near its reference.
        divergence: Divergence,
    },
    /// TDPO1.
    Tdpo1 {
        /// β, above 0.
        beta: f64,
    },
    /// TDPO2.
    Tdpo2 {
        /// β, above 0.
        beta: f64,
        /// α, 0 or above; 0 is DPO.
        alpha: f64,
    },
}

impl Preference {
    /// Checks the settings, so that a run ends before its first step and not in it.
    ///
    /// # Errors
    /// [`ObjectiveError::Setting`] names the one that is out of range.
    pub fn check(&self) -> Result<(), ObjectiveError> {
        let (Self::Dpo { beta } | Self::FDpo { beta, .. } | Self::Tdpo1 { beta } | Self::Tdpo2 { beta, .. }) = *self;
        positive("beta", beta)?;
        if let Self::Tdpo2 { alpha, .. } = *self {
            not_negative("alpha", alpha)?;
        }
        Ok(())
    }

    /// Whether the objective reads KL(ref‖π) of every row, and so needs both distributions. Otherwise the reference's
    /// log-probabilities may come from a cache.
    pub fn needs_distributions(&self) -> bool {
        matches!(self, Self::Tdpo1 { .. } | Self::Tdpo2 { .. })
    }

    /// Loss and derivatives of a batch whose first half holds the chosen responses, and the second half the rejected
    /// ones in the same order.
    ///
    /// # Errors
    /// [`ObjectiveError`] when the rows do not fit, or `kl_ref_policy` is missing where it is needed.
    pub fn evaluate<R: Real>(
        &self,
        rows: &Rows<'_, R>,
        kl_ref_policy: Option<&[R]>,
    ) -> Result<Outcome<R>, ObjectiveError> {
        self.check()?;
        let token_level = |method, variant, beta| {
            let what = "KL(reference || policy)";
            let divergences = kl_ref_policy.ok_or(ObjectiveError::RowsMissing { method, what })?;
            Ok(tdpo::loss(rows, divergences, variant, beta)?.outcome)
        };
        match *self {
            Self::Dpo { beta } => sequence_level(rows, Divergence::ReverseKl, beta),
            Self::FDpo { beta, divergence } => sequence_level(rows, divergence, beta),
            Self::Tdpo1 { beta } => token_level("TDPO1", Variant::One, beta),
            Self::Tdpo2 { beta, alpha } => token_level("TDPO2", Variant::Two { alpha }, beta),
        }
    }
}

fn sequence_level<R: Real>(
    rows: &Rows<'_, R>,
    divergence: Divergence,
    beta: f64,
) -> Result<Outcome<R>, ObjectiveError> {
    rows.check()?;
    let (mask, count) = (rows.mask, pairs_of(rows.mask)?);
    let sums = |values: &[R], from: usize| -> Vec<R> {
        (from..from + count).map(|sequence| mask.sum(sequence, |row| values[row])).collect()
    };
    let (policy_chosen, policy_rejected) = (sums(rows.log_prob, 0), sums(rows.log_prob, count));
    let (reference_chosen, reference_rejected) = (sums(rows.reference, 0), sums(rows.reference, count));
    let pairs = Pairs {
        policy_chosen: &policy_chosen,
        policy_rejected: &policy_rejected,
        reference_chosen: &reference_chosen,
        reference_rejected: &reference_rejected,
    };
    let result = f_dpo::loss(&pairs, divergence, beta)?;
    let mut gradients = RowGradients::zeros(mask.len());
    for (sequence, row) in mask.rows() {
        let of_chosen = result.gradient_chosen.get(sequence);
        gradients.log_prob[row] = *of_chosen.unwrap_or_else(|| &result.gradient_rejected[sequence - count]);
    }
    Ok(Outcome { loss: result.loss, gradients, metrics: result.metrics(&pairs) })
}
