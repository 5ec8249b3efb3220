use super::{activation, to_f32};
use crate::{Activation, View, ViewMut};

/// The derivative of [`activation`] at `x`; 0 for ReLU at 0.
pub fn activation_slope(kind: Activation, x: f64) -> f64 {
    match kind {
        Activation::Silu => {
            let gate = 1.0 / (1.0 + (-x).exp());
            gate * (1.0 + x * (1.0 - gate))
        }
        Activation::GeluErf => {
            let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
            // x · Φ(x) is the function itself.
            let below = if x == 0.0 { 0.5 } else { activation(kind, x) / x };
            below + x * density
        }
        Activation::GeluTanh => {
            let root = (2.0 / std::f64::consts::PI).sqrt();
            let tanh = (root * (x + 0.044_715 * x.powi(3))).tanh();
            0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * root * (1.0 + 3.0 * 0.044_715 * x * x)
        }
        Activation::Relu => f64::from(u8::from(x > 0.0)),
    }
}

/// `out = dy · f'(x)`. Shapes: all `[rows, cols]`.
pub fn activate_grad(x: View<'_>, dy: View<'_>, kind: Activation, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        for ((y, &v), &d) in out.row(r).iter_mut().zip(x.row(r)).zip(dy.row(r)) {
            *y = to_f32(f64::from(d) * activation_slope(kind, f64::from(v)));
        }
    }
}

/// Gradient of `f(gate) · up` by gate and up. Shapes: `x`, `out`: `[rows, 2 · cols]`, `dy`: `[rows, cols]`.
pub fn gated_grad(x: View<'_>, dy: View<'_>, kind: Activation, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        let cols = dy.cols();
        let (gate, up) = x.row(r).split_at(cols);
        let (d_gate, d_up) = out.row(r).split_at_mut(cols);
        for c in 0..cols {
            let (d, g) = (f64::from(dy.row(r)[c]), f64::from(gate[c]));
            d_gate[c] = to_f32(d * f64::from(up[c]) * activation_slope(kind, g));
            d_up[c] = to_f32(d * activation(kind, g));
        }
    }
}
