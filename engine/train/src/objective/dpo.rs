//! DPO: f-DPO under the reverse KL, where f′(u) is the log-ratio itself.
//!
//! L = −ln σ(β (l_w − l_l)), l = ln π − ln ref of a whole response.

use super::ObjectiveError;
use super::f_dpo::{PairLoss, Pairs, loss as f_dpo_loss};
use crate::divergence::Divergence;
use crate::real::Real;

/// The loss of pairs, and its derivatives.
///
/// # Errors
/// As [`f_dpo::loss`](super::f_dpo::loss).
pub fn loss<R: Real>(pairs: &Pairs<'_, R>, beta: f64) -> Result<PairLoss<R>, ObjectiveError> {
    f_dpo_loss(pairs, Divergence::ReverseKl, beta)
}
