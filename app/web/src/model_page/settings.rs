//! What stands in the fields, and what it means.

use frugal_wire::{BackendChoice, HeldAs, WeightStorage};

/// The choices of storage: value, words.
pub(super) const WEIGHTS: [(&str, &str); 4] =
    [("f32", "32-bit floats"), ("f16", "16-bit floats"), ("q8_0", "8-bit codes"), ("q4_0", "4-bit codes")];

/// The choices of what computes: value, words.
pub(super) const BACKENDS: [(&str, &str); 3] =
    [("auto", "Whatever is faster here"), ("cpu", "The processor"), ("gpu", "WebGPU")];

/// How to hold a model.
///
/// # Errors
/// What to type instead.
pub(super) fn held(backend: &str, weights: &str, context: &str) -> Result<HeldAs, String> {
    let backend = match backend {
        "cpu" => BackendChoice::Cpu,
        "gpu" => BackendChoice::Gpu,
        _ => BackendChoice::Auto,
    };
    let weights = match weights {
        "f16" => WeightStorage::F16,
        "q8_0" => WeightStorage::Q8_0,
        "q4_0" => WeightStorage::Q4_0,
        _ => WeightStorage::F32,
    };
    let context = whole("Context", context, 2, 1 << 20)?;
    Ok(HeldAs { backend, weights, context })
}

/// A whole number between two others.
pub(super) fn whole(name: &str, text: &str, from: u32, to: u32) -> Result<u32, String> {
    let number = text.trim().parse().ok().filter(|number| (from..=to).contains(number));
    number.ok_or_else(|| format!("{name}: type a whole number from {from} to {to}."))
}

/// A number between two others.
pub(super) fn decimal(name: &str, text: &str, from: f64, to: f64) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|number| (from..=to).contains(number));
    number.ok_or_else(|| format!("{name}: type a number from {from} to {to}."))
}
