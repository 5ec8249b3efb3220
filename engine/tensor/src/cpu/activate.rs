use super::to_f32;
use crate::{Activation, View, ViewMut};

/// One value of an activation; the equations stand at [`Activation`].
pub fn activation(kind: Activation, x: f64) -> f64 {
    match kind {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::GeluErf => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        Activation::GeluTanh => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        }
        Activation::Relu => x.max(0.0),
    }
}

/// The error function to about 1e-15: its series up to 3, the continued fraction of its complement beyond
/// (Abramowitz & Stegun 7.1.6 and 7.1.14).
fn erf(x: f64) -> f64 {
    let size = x.abs();
    let value = if size < 3.0 {
        let (mut term, mut sum, mut n) = (size, size, 0.0);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= 2.0 * size * size / (2.0 * n + 1.0);
            sum += term;
        }
        2.0 / std::f64::consts::PI.sqrt() * (-size * size).exp() * sum
    } else if size < 6.5 {
        let fraction = (1..=60).rev().fold(0.0, |below, n| f64::from(n) / 2.0 / (size + below));
        1.0 - (-size * size).exp() / std::f64::consts::PI.sqrt() / (size + fraction)
    } else if x.is_nan() {
        return x;
    } else {
        1.0
    };
    value.copysign(x)
}

/// `out[r,c] = f(x[r,c])`. Shapes: both `[rows, cols]`.
pub fn activate(x: View<'_>, kind: Activation, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        for (y, &v) in out.row(r).iter_mut().zip(x.row(r)) {
            *y = to_f32(activation(kind, f64::from(v)));
        }
    }
}

/// `out[r,c] = f(x[r,c]) · x[r, cols + c]` (Shazeer 2020, GLU variants; SwiGLU with SiLU).
///
/// Shapes: `x`: `[rows, 2 · cols]`, the gate first; `out`: `[rows, cols]`.
pub fn gated(x: View<'_>, kind: Activation, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        let (gate, up) = x.row(r).split_at(x.cols() / 2);
        for ((y, &g), &u) in out.row(r).iter_mut().zip(gate).zip(up) {
            *y = to_f32(activation(kind, f64::from(g)) * f64::from(u));
        }
    }
}
