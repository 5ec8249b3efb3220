//! Norms and elementwise functions of rows.

use super::simd::{exp, load, multiply_add, sum, vectorised};
use crate::{Activation, NO_COLUMN};

#[inline(always)]
fn sum_body<const L: usize, const FMA: bool>(row: &[f32]) -> f32 {
    let mut lanes = [0.0; L];
    let mut at = 0;
    while at + L <= row.len() {
        lanes = multiply_add::<L, FMA>(load(&row[at..]), [1.0; L], lanes);
        at += L;
    }
    sum(lanes) + row[at..].iter().sum::<f32>()
}

/// `Σ (x - mean)²`.
#[inline(always)]
fn squares_body<const L: usize, const FMA: bool>(row: &[f32], mean: f32) -> f32 {
    let mut lanes = [0.0; L];
    let mut at = 0;
    while at + L <= row.len() {
        let centred = load::<f32, L>(&row[at..]).map(|v| v - mean);
        lanes = multiply_add::<L, FMA>(centred, centred, lanes);
        at += L;
    }
    sum(lanes) + row[at..].iter().map(|v| (v - mean) * (v - mean)).sum::<f32>()
}

#[inline(always)]
fn rms_norm_body<const L: usize, const FMA: bool>(row: &[f32], gain: &[f32], eps: f32, out: &mut [f32]) {
    // A column count is far below 2^24.
    let scale = (squares_body::<L, FMA>(row, 0.0) / row.len() as f32 + eps).sqrt().recip();
    out.iter_mut().zip(row.iter().zip(gain)).for_each(|(y, (v, g))| *y = v * scale * g);
}

#[inline(always)]
fn layer_norm_body<const L: usize, const FMA: bool>(
    row: &[f32],
    gain: &[f32],
    bias: Option<&[f32]>,
    eps: f32,
    out: &mut [f32],
) {
    let count = row.len() as f32;
    let mean = sum_body::<L, FMA>(row) / count;
    let scale = (squares_body::<L, FMA>(row, mean) / count + eps).sqrt().recip();
    out.iter_mut().zip(row.iter().zip(gain)).for_each(|(y, (v, g))| *y = (v - mean) * scale * g);
    if let Some(bias) = bias {
        out.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
    }
}

#[inline(always)]
fn function(kind: Activation, x: f32) -> f32 {
    match kind {
        Activation::Silu => x / (1.0 + exp(-x)),
        Activation::GeluTanh => {
            let inner = 0.797_884_6 * (x + 0.044_715 * x * x * x);
            // x/2 · (1 + tanh u) = x · (1 - 1 / (e^2u + 1)).
            x - x / (exp(2.0 * inner) + 1.0)
        }
        Activation::GeluErf => {
            let size = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
            // erf to 1.5e-7 (Abramowitz & Stegun 7.1.26).
            let t = 1.0 / (1.0 + 0.327_591_1 * size);
            let poly = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_8) * t - 0.284_496_73) * t + 0.254_829_6) * t;
            let tail = 0.5 * poly * exp(-size * size);
            x * if x < 0.0 { tail } else { 1.0 - tail }
        }
        Activation::Relu => x.max(0.0),
    }
}

/// The function is chosen outside of the loop.
#[inline(always)]
fn activate_body<const L: usize, const FMA: bool>(row: &[f32], kind: Activation, out: &mut [f32]) {
    macro_rules! with {
        ($kind:expr) => {
            out.iter_mut().zip(row).for_each(|(y, x)| *y = function($kind, *x))
        };
    }
    match kind {
        Activation::Silu => with!(Activation::Silu),
        Activation::GeluTanh => with!(Activation::GeluTanh),
        Activation::GeluErf => with!(Activation::GeluErf),
        Activation::Relu => with!(Activation::Relu),
    }
}

#[inline(always)]
fn gated_body<const L: usize, const FMA: bool>(row: &[f32], kind: Activation, out: &mut [f32]) {
    let (gate, up) = row.split_at(row.len() / 2);
    activate_body::<L, FMA>(gate, kind, out);
    out.iter_mut().zip(up).for_each(|(y, u)| *y *= u);
}

/// The largest finite element first, then where it is: both in whole vectors.
#[inline(always)]
fn argmax_body<const L: usize, const FMA: bool>(row: &[f32]) -> u32 {
    let whole = row.len() - row.len() % L;
    let mut tops = [f32::NEG_INFINITY; L];
    for chunk in row[..whole].chunks_exact(L) {
        for i in 0..L {
            // Neither a NaN nor an infinity is below infinity and above what is there.
            tops[i] = if chunk[i] > tops[i] && chunk[i] < f32::INFINITY { chunk[i] } else { tops[i] };
        }
    }
    let mut largest = f32::NEG_INFINITY;
    for value in tops.iter().chain(&row[whole..]) {
        largest = if *value > largest && *value < f32::INFINITY { *value } else { largest };
    }
    if largest == f32::NEG_INFINITY {
        return NO_COLUMN;
    }
    for (at, chunk) in row.chunks(8 * L).enumerate() {
        let mut found = false;
        for value in chunk {
            found |= *value == largest;
        }
        if found {
            let within = chunk.iter().position(|value| *value == largest).unwrap_or(0);
            // Columns are numbered by u32 everywhere.
            #[allow(clippy::cast_possible_truncation)]
            return (at * 8 * L + within) as u32;
        }
    }
    NO_COLUMN
}

vectorised! {
    /// One row of [`crate::cpu::argmax`].
    fn argmax = argmax_body(row: &[f32]) -> u32
}
vectorised! {
    /// One row of [`crate::cpu::rms_norm`].
    fn rms_norm = rms_norm_body(row: &[f32], gain: &[f32], eps: f32, out: &mut [f32])
}
vectorised! {
    /// One row of [`crate::cpu::layer_norm`].
    fn layer_norm = layer_norm_body(row: &[f32], gain: &[f32], bias: Option<&[f32]>, eps: f32, out: &mut [f32])
}
vectorised! {
    /// One row of [`crate::cpu::activate`].
    fn activate = activate_body(row: &[f32], kind: Activation, out: &mut [f32])
}
vectorised! {
    /// One row of [`crate::cpu::gated`].
    fn gated = gated_body(row: &[f32], kind: Activation, out: &mut [f32])
}
