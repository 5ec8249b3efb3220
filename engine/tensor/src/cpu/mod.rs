//! What each operator means: slow, obvious, sums in f64. The judge of every fast path, on every device.
//!
//! Shapes are the caller's duty: plans are checked before they run, and a shape that disagrees panics here.

mod activate;
mod argmax;
mod attention;
mod cache_write;
mod gather;
mod layer_norm;
mod linear;
mod rms_norm;
mod rope;
#[cfg(test)]
mod tests;

pub use activate::{activate, activation, gated};
pub use argmax::argmax;
pub use attention::{Heads, attention, attention_weights};
pub use cache_write::{From32, cache_write};
pub use gather::gather;
pub use layer_norm::layer_norm;
pub use linear::linear;
pub use rms_norm::rms_norm;
pub use rope::rope;

/// Rounds a sum to the f32 that is stored.
#[allow(clippy::cast_possible_truncation)]
#[inline]
fn to_f32(value: f64) -> f32 {
    value as f32
}
