//! What each operator means: slow, obvious, sums in f64. The judge of every fast path, on every device.
//!
//! Shapes are the caller's duty: plans are checked before they run, and a shape that disagrees panics here.

mod activate;
mod activate_grad;
mod argmax;
mod attention;
mod cache_write;
mod gather;
mod layer_norm;
mod linear;
mod log_prob;
mod matmul;
mod norm_grad;
mod optimiser;
mod rms_norm;
mod rope;
mod self_attention;
#[cfg(test)]
mod tests;

pub use activate::{activate, activation, gated};
pub use activate_grad::{activate_grad, activation_slope, gated_grad};
pub use argmax::argmax;
pub use attention::{Heads, attention, attention_weights};
pub use cache_write::{From32, cache_write};
pub use gather::gather;
pub use layer_norm::layer_norm;
pub use linear::linear;
pub use log_prob::{log_prob, log_prob_grad};
pub use matmul::{clip_factor, column_sums, matmul, scale, scatter_add, sum_squares};
pub use norm_grad::{norm_gain_grad, norm_grad};
pub use optimiser::{optimiser_state, optimiser_states, optimiser_step, optimiser_steps};
pub use rms_norm::rms_norm;
pub use rope::{rope, rope_grad};
pub use self_attention::{Sequences, self_attention, self_attention_grad};

/// Rounds a sum to the f32 that is stored.
#[allow(clippy::cast_possible_truncation)]
#[inline]
pub(crate) fn to_f32(value: f64) -> f32 {
    value as f32
}
