//! A set of kernels; what a set does not bring is the operator's meaning.

use half::f16;

use crate::cpu::{self, Heads, Sequences};
use crate::{Activation, Optimiser, OptimiserSettings, RopeLayout, Stored, View, ViewMut};

pub(crate) trait Kernels: Send {
    fn describe(&self) -> String;

    fn gather(&mut self, table: Stored<'_>, rows: &[u32], accumulate: bool, out: ViewMut<'_>) {
        cpu::gather(table, rows, accumulate, out);
    }

    fn rms_norm(&mut self, x: View<'_>, gain: &[f32], eps: f32, out: ViewMut<'_>) {
        cpu::rms_norm(x, gain, eps, out);
    }

    fn layer_norm(&mut self, x: View<'_>, gain: &[f32], bias: Option<&[f32]>, eps: f32, out: ViewMut<'_>) {
        cpu::layer_norm(x, gain, bias, eps, out);
    }

    fn linear(&mut self, x: View<'_>, weight: Stored<'_>, bias: Option<&[f32]>, accumulate: bool, out: ViewMut<'_>) {
        cpu::linear(x, weight, bias, accumulate, out);
    }

    fn rope(&mut self, x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
        cpu::rope(x, positions, table, head_dim, layout);
    }

    fn cache_write(&mut self, x: View<'_>, positions: &[u32], slots: &[u32], context: usize, cache: ViewMut<'_>) {
        cpu::cache_write(x, positions, slots, context, cache);
    }

    fn cache_write_half(
        &mut self,
        x: View<'_>,
        positions: &[u32],
        slots: &[u32],
        context: usize,
        cache: ViewMut<'_, f16>,
    ) {
        cpu::cache_write(x, positions, slots, context, cache);
    }

    fn attention(&mut self, inputs: &AttentionInputs<'_>, heads: &Heads, out: ViewMut<'_>) {
        let AttentionInputs { q, keys, values, positions, slots } = *inputs;
        cpu::attention(q, keys, values, positions, slots, heads, out);
    }

    fn activate(&mut self, x: View<'_>, kind: Activation, out: ViewMut<'_>) {
        cpu::activate(x, kind, out);
    }

    fn gated(&mut self, x: View<'_>, kind: Activation, out: ViewMut<'_>) {
        cpu::gated(x, kind, out);
    }

    fn argmax(&mut self, x: View<'_>, out: ViewMut<'_, u32>) {
        cpu::argmax(x, out);
    }

    fn matmul(&mut self, left: View<'_>, right: View<'_>, turned: bool, accumulate: bool, out: ViewMut<'_>) {
        cpu::matmul(left, right, turned, accumulate, out);
    }

    fn column_sums(&mut self, x: View<'_>, out: &mut [f32]) {
        cpu::column_sums(x, out);
    }

    fn norm_grad(&mut self, inputs: &NormGradInputs<'_>, accumulate: bool, out: ViewMut<'_>) {
        let NormGradInputs { x, gain, dy, eps, centred } = *inputs;
        cpu::norm_grad(x, gain, dy, eps, centred, accumulate, out);
    }

    fn norm_gain_grad(&mut self, x: View<'_>, dy: View<'_>, eps: f32, centred: bool, out: &mut [f32]) {
        cpu::norm_gain_grad(x, dy, eps, centred, out);
    }

    fn activate_grad(&mut self, x: View<'_>, dy: View<'_>, kind: Activation, out: ViewMut<'_>) {
        cpu::activate_grad(x, dy, kind, out);
    }

    fn gated_grad(&mut self, x: View<'_>, dy: View<'_>, kind: Activation, out: ViewMut<'_>) {
        cpu::gated_grad(x, dy, kind, out);
    }

    fn rope_grad(&mut self, x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
        cpu::rope_grad(x, positions, table, head_dim, layout);
    }

    fn self_attention(&mut self, projected: View<'_>, sizes: &Sequences, out: ViewMut<'_>) {
        cpu::self_attention(projected, sizes, out);
    }

    fn self_attention_grad(&mut self, projected: View<'_>, dy: View<'_>, sizes: &Sequences, out: ViewMut<'_>) {
        cpu::self_attention_grad(projected, dy, sizes, out);
    }

    fn log_prob(&mut self, logits: View<'_>, reference: Option<View<'_>>, targets: &[u32], out: ViewMut<'_>) {
        cpu::log_prob(logits, reference, targets, out);
    }

    fn log_prob_grad(
        &mut self,
        logits: ViewMut<'_>,
        reference: Option<View<'_>>,
        targets: &[u32],
        statistics: View<'_>,
        coefficients: View<'_>,
    ) {
        cpu::log_prob_grad(logits, reference, targets, statistics, coefficients);
    }

    fn scale(&mut self, x: View<'_>, factor: f32, accumulate: bool, out: ViewMut<'_>) {
        cpu::scale(x, factor, accumulate, out);
    }

    fn sum_squares(&mut self, x: View<'_>) -> f64 {
        cpu::sum_squares(x)
    }

    fn optimiser_states(&mut self, inputs: &UpdateInputs<'_>, state: &mut [f32]) {
        let UpdateInputs { rule, settings, factor, gradient, other } = *inputs;
        cpu::optimiser_states(rule, &settings, factor, gradient, other, state);
    }

    fn optimiser_steps(&mut self, inputs: &UpdateInputs<'_>, weight: &mut [f32]) {
        let UpdateInputs { rule, settings, factor, gradient, other } = *inputs;
        cpu::optimiser_steps(rule, &settings, factor, gradient, other, weight);
    }
}

/// What attention reads.
#[derive(Clone, Copy)]
pub(crate) struct AttentionInputs<'a> {
    pub(crate) q: View<'a>,
    pub(crate) keys: Stored<'a>,
    pub(crate) values: Stored<'a>,
    pub(crate) positions: &'a [u32],
    pub(crate) slots: &'a [u32],
}

/// What the gradient of a norm reads.
#[derive(Clone, Copy)]
pub(crate) struct NormGradInputs<'a> {
    pub(crate) x: View<'a>,
    pub(crate) gain: &'a [f32],
    pub(crate) dy: View<'a>,
    pub(crate) eps: f32,
    pub(crate) centred: bool,
}

/// What an optimiser reads.
#[derive(Clone, Copy)]
pub(crate) struct UpdateInputs<'a> {
    pub(crate) rule: Optimiser,
    pub(crate) settings: OptimiserSettings,
    pub(crate) factor: f32,
    pub(crate) gradient: &'a [f32],
    /// The weight where the state is written, the state where the weight is.
    pub(crate) other: &'a [f32],
}

/// The meanings themselves.
pub(crate) struct Reference;

impl Kernels for Reference {
    fn describe(&self) -> String {
        "reference".to_owned()
    }
}
