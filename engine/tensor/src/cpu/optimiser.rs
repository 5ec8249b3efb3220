use super::to_f32;
use crate::{Optimiser, OptimiserSettings};

/// One element of a weight's state after a step, from its gradient `g` (already clipped) and value `w`.
///
/// * AdamW: `m = β₁m + (1-β₁)g`, `v = β₂v + (1-β₂)g²`.
/// * SGD, with `g' = g + decay · w`: `m = β₁m + g'`. RMSprop: `v = β₂v + (1-β₂)g'²`.
/// * Lion: `m = β₂m + (1-β₂)g`, after the weight has moved.
pub fn optimiser_state(rule: Optimiser, settings: &OptimiserSettings, g: f64, w: f64, state: &mut [f64]) {
    let [beta1, beta2, decay] = [settings.beta1, settings.beta2, settings.weight_decay].map(f64::from);
    let decayed = g + decay * w;
    match rule {
        Optimiser::AdamW => {
            state[0] = beta1 * state[0] + (1.0 - beta1) * g;
            state[1] = beta2 * state[1] + (1.0 - beta2) * g * g;
        }
        Optimiser::Sgd => state[0] = beta1 * state[0] + decayed,
        Optimiser::RmsProp => state[0] = beta2 * state[0] + (1.0 - beta2) * decayed * decayed,
        Optimiser::Lion => state[0] = beta2 * state[0] + (1.0 - beta2) * g,
    }
}

/// One element of a weight after a step of rate `η`.
///
/// * AdamW: `w(1 - η·decay) - η/c₁ · m / (√v/√c₂ + ε)`, `c = 1 - βᵗ` (Loshchilov & Hutter 2019).
/// * SGD: `w - ηm`. RMSprop: `w - ηg' / (√v + ε)`.
/// * Lion: `w(1 - η·decay) - η · sign(β₁m + (1-β₁)g)`, with `m` before this step (Chen et al. 2023).
///
/// The trap: RMSprop and SGD put the decay into the gradient, as PyTorch does, the other two do not.
pub fn optimiser_step(rule: Optimiser, settings: &OptimiserSettings, g: f64, state: &[f64], w: f64) -> f64 {
    let rate = f64::from(settings.learning_rate);
    let decay = f64::from(settings.weight_decay);
    let beta1 = f64::from(settings.beta1);
    let eps = f64::from(settings.eps);
    match rule {
        Optimiser::AdamW => {
            let root = (state[1] / f64::from(settings.correction2)).sqrt();
            w * (1.0 - rate * decay) - rate / f64::from(settings.correction1) * state[0] / (root + eps)
        }
        Optimiser::Sgd => w - rate * state[0],
        Optimiser::RmsProp => w - rate * (g + decay * w) / (state[0].sqrt() + eps),
        Optimiser::Lion => {
            let direction = beta1 * state[0] + (1.0 - beta1) * g;
            let sign = if direction == 0.0 { 0.0 } else { direction.signum() };
            w * (1.0 - rate * decay) - rate * sign
        }
    }
}

/// [`optimiser_state`] of every element; nothing changes where `factor` is not finite.
///
/// # Shapes and units
/// `gradient`, `weight`: `[n]`, `state`: `[rows · n]`, row by row.
pub fn optimiser_states(
    rule: Optimiser,
    settings: &OptimiserSettings,
    factor: f32,
    gradient: &[f32],
    weight: &[f32],
    state: &mut [f32],
) {
    if !factor.is_finite() {
        return;
    }
    let n = gradient.len();
    for (i, (g, w)) in gradient.iter().zip(weight).enumerate() {
        let rows = rule.state_rows();
        let mut element: Vec<f64> = (0..rows).map(|row| f64::from(state[row * n + i])).collect();
        optimiser_state(rule, settings, f64::from(*g) * f64::from(factor), f64::from(*w), &mut element);
        element.into_iter().enumerate().for_each(|(row, value)| state[row * n + i] = to_f32(value));
    }
}

/// [`optimiser_step`] of every element; nothing changes where `factor` is not finite. Shapes as there.
pub fn optimiser_steps(
    rule: Optimiser,
    settings: &OptimiserSettings,
    factor: f32,
    gradient: &[f32],
    state: &[f32],
    weight: &mut [f32],
) {
    if !factor.is_finite() {
        return;
    }
    let n = gradient.len();
    for (i, (w, g)) in weight.iter_mut().zip(gradient).enumerate() {
        let element: Vec<f64> = (0..rule.state_rows()).map(|row| f64::from(state[row * n + i])).collect();
        *w = to_f32(optimiser_step(rule, settings, f64::from(*g) * f64::from(factor), &element, f64::from(*w)));
    }
}
