//! Gradients of rows, and what optimisers do to each element.

use super::simd::{exp, load, multiply_add, sum, vectorised};
use crate::{Activation, Optimiser, OptimiserSettings};

/// `Σ (a - shift) · b · c`.
#[inline(always)]
fn triple<const L: usize, const FMA: bool>(a: &[f32], shift: f32, b: &[f32], c: &[f32]) -> f32 {
    let mut lanes = [0.0; L];
    let mut at = 0;
    while at + L <= a.len() {
        let (a, b, c): ([f32; L], [f32; L], [f32; L]) = (load(&a[at..]), load(&b[at..]), load(&c[at..]));
        let product = std::array::from_fn(|i| (a[i] - shift) * b[i]);
        lanes = multiply_add::<L, FMA>(product, c, lanes);
        at += L;
    }
    sum(lanes) + (at..a.len()).map(|i| (a[i] - shift) * b[i] * c[i]).sum::<f32>()
}

/// `Σ a · b`.
#[inline(always)]
fn dot<const L: usize, const FMA: bool>(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; L];
    let mut at = 0;
    while at + L <= a.len() {
        lanes = multiply_add::<L, FMA>(load(&a[at..]), load(&b[at..]), lanes);
        at += L;
    }
    sum(lanes) + a[at..].iter().zip(&b[at..]).map(|(a, b)| a * b).sum::<f32>()
}

/// Mean, 0 unless `centred`, and reciprocal root of variance plus `eps`.
#[inline(always)]
fn moments<const L: usize, const FMA: bool>(row: &[f32], eps: f32, centred: bool) -> (f32, f32) {
    // A column count is far below 2^24.
    let count = row.len() as f32;
    let mut lanes = [0.0; L];
    let mut at = 0;
    if centred {
        while at + L <= row.len() {
            lanes = multiply_add::<L, FMA>(load(&row[at..]), [1.0; L], lanes);
            at += L;
        }
    }
    let mean = if centred { (sum(lanes) + row[at..].iter().sum::<f32>()) / count } else { 0.0 };
    let (mut lanes, mut at) = ([0.0; L], 0);
    while at + L <= row.len() {
        let centred = load::<f32, L>(&row[at..]).map(|v| v - mean);
        lanes = multiply_add::<L, FMA>(centred, centred, lanes);
        at += L;
    }
    let squares = sum(lanes) + row[at..].iter().map(|v| (v - mean) * (v - mean)).sum::<f32>();
    (mean, (squares / count + eps).sqrt().recip())
}

/// What the gradient of a norm needs beside its rows.
#[derive(Clone, Copy)]
pub(super) struct NormOf<'a> {
    pub(super) gain: &'a [f32],
    pub(super) eps: f32,
    pub(super) centred: bool,
    pub(super) accumulate: bool,
}

#[inline(always)]
fn norm_grad_body<const L: usize, const FMA: bool>(row: &[f32], dy: &[f32], norm: NormOf<'_>, out: &mut [f32]) {
    let NormOf { gain, eps, centred, accumulate } = norm;
    let (mean, scale) = moments::<L, FMA>(row, eps, centred);
    let count = row.len() as f32;
    let mean_h = if centred { dot::<L, FMA>(gain, dy) / count } else { 0.0 };
    let mean_hn = triple::<L, FMA>(row, mean, gain, dy) * scale / count;
    let cols = out.len();
    let (row, dy, gain) = (&row[..cols], &dy[..cols], &gain[..cols]);
    for c in 0..cols {
        let value = scale * (gain[c] * dy[c] - mean_h - (row[c] - mean) * scale * mean_hn);
        out[c] = if accumulate { out[c] + value } else { value };
    }
}

#[inline(always)]
fn norm_gain_grad_body<const L: usize, const FMA: bool>(
    row: &[f32],
    dy: &[f32],
    eps: f32,
    centred: bool,
    out: &mut [f32],
) {
    let (mean, scale) = moments::<L, FMA>(row, eps, centred);
    out.iter_mut().zip(row.iter().zip(dy)).for_each(|(y, (v, d))| *y += d * (v - mean) * scale);
}

/// The function and its slope.
#[inline(always)]
fn both(kind: Activation, x: f32) -> (f32, f32) {
    match kind {
        Activation::Silu => {
            let gate = 1.0 / (1.0 + exp(-x));
            (x * gate, gate * (1.0 + x * (1.0 - gate)))
        }
        Activation::GeluTanh => {
            let inner = 0.797_884_6 * (x + 0.044_715 * x * x * x);
            let rest = 1.0 / (exp(2.0 * inner) + 1.0);
            // tanh u = 1 - 2 · rest, 1 - tanh² u = 4 · rest · (1 - rest).
            let bend = 0.797_884_6 * (1.0 + 0.134_145 * x * x);
            (x - x * rest, 1.0 - rest + 2.0 * x * rest * (1.0 - rest) * bend)
        }
        Activation::GeluErf => {
            let size = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
            let t = 1.0 / (1.0 + 0.327_591_1 * size);
            let poly = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_8) * t - 0.284_496_73) * t + 0.254_829_6) * t;
            let bell = exp(-size * size);
            let tail = 0.5 * poly * bell;
            let below = if x < 0.0 { tail } else { 1.0 - tail };
            (x * below, below + x * bell * 0.398_942_3)
        }
        Activation::Relu => (x.max(0.0), if x > 0.0 { 1.0 } else { 0.0 }),
    }
}

/// The function is chosen outside of the loop.
macro_rules! for_each_kind {
    ($kind:expr, $with:ident) => {
        match $kind {
            Activation::Silu => $with!(Activation::Silu),
            Activation::GeluTanh => $with!(Activation::GeluTanh),
            Activation::GeluErf => $with!(Activation::GeluErf),
            Activation::Relu => $with!(Activation::Relu),
        }
    };
}

#[inline(always)]
fn activate_grad_body<const L: usize, const FMA: bool>(row: &[f32], dy: &[f32], kind: Activation, out: &mut [f32]) {
    macro_rules! with {
        ($kind:expr) => {
            out.iter_mut().zip(row.iter().zip(dy)).for_each(|(y, (x, d))| *y = d * both($kind, *x).1)
        };
    }
    for_each_kind!(kind, with);
}

#[inline(always)]
fn gated_grad_body<const L: usize, const FMA: bool>(row: &[f32], dy: &[f32], kind: Activation, out: &mut [f32]) {
    let (gate, up) = row.split_at(dy.len());
    let (d_gate, d_up) = out.split_at_mut(dy.len());
    let outs = d_gate.iter_mut().zip(d_up);
    macro_rules! with {
        ($kind:expr) => {
            outs.zip(gate.iter().zip(up)).zip(dy).for_each(|(((d_gate, d_up), (g, u)), d)| {
                let (value, slope) = both($kind, *g);
                (*d_gate, *d_up) = (d * u * slope, d * value);
            })
        };
    }
    for_each_kind!(kind, with);
}

#[inline(always)]
fn rope_half_body<const L: usize, const FMA: bool>(head: &mut [f32], cos: &[f32], sin: &[f32]) {
    let (first, second) = head.split_at_mut(cos.len());
    for (((a, b), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
        (*a, *b) = (*a * cos + *b * sin, *b * cos - *a * sin);
    }
}

#[inline(always)]
fn scale_body<const L: usize, const FMA: bool>(row: &[f32], factor: f32, accumulate: bool, out: &mut [f32]) {
    if accumulate {
        out.iter_mut().zip(row).for_each(|(y, v)| *y += factor * v);
    } else {
        out.iter_mut().zip(row).for_each(|(y, v)| *y = factor * v);
    }
}

#[inline(always)]
fn squares_body<const L: usize, const FMA: bool>(row: &[f32]) -> f32 {
    dot::<L, FMA>(row, row)
}

/// Elements of one weight that an optimiser changes together.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a> {
    pub(super) rule: Optimiser,
    pub(super) settings: OptimiserSettings,
    pub(super) factor: f32,
    pub(super) gradient: &'a [f32],
}

#[inline(always)]
fn states_body<const L: usize, const FMA: bool>(
    of: Elements<'_>,
    weight: &[f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let Elements { rule, settings: s, factor, gradient } = of;
    match rule {
        Optimiser::AdamW => {
            for ((m, v), g) in first.iter_mut().zip(second).zip(gradient) {
                let g = g * factor;
                *m = s.beta1 * *m + (1.0 - s.beta1) * g;
                *v = s.beta2 * *v + (1.0 - s.beta2) * g * g;
            }
        }
        Optimiser::Sgd => {
            for ((m, g), w) in first.iter_mut().zip(gradient).zip(weight) {
                *m = s.beta1 * *m + g * factor + s.weight_decay * w;
            }
        }
        Optimiser::RmsProp => {
            for ((v, g), w) in first.iter_mut().zip(gradient).zip(weight) {
                let g = g * factor + s.weight_decay * w;
                *v = s.beta2 * *v + (1.0 - s.beta2) * g * g;
            }
        }
        Optimiser::Lion => {
            for (m, g) in first.iter_mut().zip(gradient) {
                *m = s.beta2 * *m + (1.0 - s.beta2) * g * factor;
            }
        }
    }
}

#[inline(always)]
fn steps_body<const L: usize, const FMA: bool>(of: Elements<'_>, first: &[f32], second: &[f32], weight: &mut [f32]) {
    let Elements { rule, settings: s, factor, gradient } = of;
    let keep = 1.0 - s.learning_rate * s.weight_decay;
    match rule {
        Optimiser::AdamW => {
            let root = s.correction2.sqrt().recip();
            let rate = s.learning_rate / s.correction1;
            for ((w, m), v) in weight.iter_mut().zip(first).zip(second) {
                *w = *w * keep - rate * m / (v.sqrt() * root + s.eps);
            }
        }
        Optimiser::Sgd => weight.iter_mut().zip(first).for_each(|(w, m)| *w -= s.learning_rate * m),
        Optimiser::RmsProp => {
            for ((w, v), g) in weight.iter_mut().zip(first).zip(gradient) {
                let g = g * factor + s.weight_decay * *w;
                *w -= s.learning_rate * g / (v.sqrt() + s.eps);
            }
        }
        Optimiser::Lion => {
            for ((w, m), g) in weight.iter_mut().zip(first).zip(gradient) {
                let direction = s.beta1 * m + (1.0 - s.beta1) * g * factor;
                let sign = if direction == 0.0 { 0.0 } else { 1.0_f32.copysign(direction) };
                *w = *w * keep - s.learning_rate * sign;
            }
        }
    }
}

vectorised! {
    /// One row of [`crate::cpu::norm_grad`].
    fn norm_grad = norm_grad_body(row: &[f32], dy: &[f32], norm: NormOf<'_>, out: &mut [f32])
}
vectorised! {
    /// One row of [`crate::cpu::norm_gain_grad`].
    fn norm_gain_grad = norm_gain_grad_body(row: &[f32], dy: &[f32], eps: f32, centred: bool, out: &mut [f32])
}
vectorised! {
    /// One row of [`crate::cpu::activate_grad`].
    fn activate_grad = activate_grad_body(row: &[f32], dy: &[f32], kind: Activation, out: &mut [f32])
}
vectorised! {
    /// One row of [`crate::cpu::gated_grad`].
    fn gated_grad = gated_grad_body(row: &[f32], dy: &[f32], kind: Activation, out: &mut [f32])
}
vectorised! {
    /// One head of [`crate::cpu::rope_grad`], elements a half apart.
    fn rope_half_back = rope_half_body(head: &mut [f32], cos: &[f32], sin: &[f32])
}
vectorised! {
    /// One row of [`crate::cpu::scale`].
    fn scale = scale_body(row: &[f32], factor: f32, accumulate: bool, out: &mut [f32])
}
vectorised! {
    /// The sum of a row's squares.
    fn squares = squares_body(row: &[f32]) -> f32
}
vectorised! {
    /// [`crate::cpu::optimiser_states`] of some elements; `second` is empty for rules of one row of state.
    fn states = states_body(of: Elements<'_>, weight: &[f32], first: &mut [f32], second: &mut [f32])
}
vectorised! {
    /// [`crate::cpu::optimiser_steps`] of some elements.
    fn steps = steps_body(of: Elements<'_>, first: &[f32], second: &[f32], weight: &mut [f32])
}
