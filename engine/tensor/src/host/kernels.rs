//! A set of kernels; what a set does not bring is the operator's meaning.

use half::f16;

use crate::cpu::{self, Heads};
use crate::{Activation, RopeLayout, Stored, View, ViewMut};

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

/// The meanings themselves.
pub(crate) struct Reference;

impl Kernels for Reference {
    fn describe(&self) -> String {
        "reference".to_owned()
    }
}
