//! Kernels for use, judged by `cpu`. Where a file is missing here, the meaning is fast enough.

mod attention;
mod dense;
mod linear;
mod quantised;
mod rows;
mod simd;

use half::f16;

use crate::cpu::{self, Heads};
use crate::host::{AttentionInputs, Kernels};
use crate::{Activation, RopeLayout, Stored, View, ViewMut};

/// Memory that kernels use again.
pub(crate) struct Fast {
    scores: Vec<f32>,
}

impl Fast {
    pub(crate) fn new() -> Self {
        Self { scores: Vec::new() }
    }

    fn attend<E: simd::Element>(
        &mut self,
        inputs: &AttentionInputs<'_>,
        cache: (View<'_, E>, View<'_, E>),
        heads: &Heads,
        mut out: ViewMut<'_>,
    ) {
        let dim = inputs.q.cols() / heads.heads;
        for r in 0..out.rows() {
            let (slot, position) = (inputs.slots[r], inputs.positions[r]);
            for (h, out) in out.row(r).chunks_exact_mut(dim).enumerate() {
                let q = &inputs.q.row(r)[h * dim..(h + 1) * dim];
                let head = attention::Head::new(q, cache, h, slot, position, heads);
                attention::mix(head, &mut self.scores, out);
            }
        }
    }
}

impl Kernels for Fast {
    fn describe(&self) -> String {
        let vectors = if cfg!(target_arch = "x86_64") && has_avx2() {
            "AVX2"
        } else if cfg!(target_arch = "aarch64") {
            "NEON"
        } else if cfg!(target_arch = "wasm32") {
            "simd128"
        } else {
            "SSE2"
        };
        #[cfg(feature = "threads")]
        let threads = rayon::current_num_threads();
        #[cfg(not(feature = "threads"))]
        let threads = 1;
        format!("{vectors}, {threads} thread{}", if threads == 1 { "" } else { "s" })
    }

    fn gather(&mut self, table: Stored<'_>, rows: &[u32], accumulate: bool, mut out: ViewMut<'_>) {
        if accumulate {
            return cpu::gather(table, rows, accumulate, out);
        }
        for (r, row) in rows.iter().enumerate() {
            table.decode_row(*row as usize, out.row(r));
        }
    }

    fn rms_norm(&mut self, x: View<'_>, gain: &[f32], eps: f32, mut out: ViewMut<'_>) {
        for r in 0..out.rows() {
            rows::rms_norm(x.row(r), gain, eps, out.row(r));
        }
    }

    fn layer_norm(&mut self, x: View<'_>, gain: &[f32], bias: Option<&[f32]>, eps: f32, mut out: ViewMut<'_>) {
        for r in 0..out.rows() {
            rows::layer_norm(x.row(r), gain, bias, eps, out.row(r));
        }
    }

    fn linear(&mut self, x: View<'_>, weight: Stored<'_>, bias: Option<&[f32]>, accumulate: bool, out: ViewMut<'_>) {
        linear::linear(x, weight, linear::Finish { bias, accumulate }, out);
    }

    fn rope(&mut self, mut x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
        if layout == RopeLayout::Interleaved {
            return cpu::rope(x, positions, table, head_dim, layout);
        }
        let half = table.cols() / 2;
        for (r, position) in positions.iter().enumerate().take(x.rows()) {
            let (cos, sin) = table.row(*position as usize).split_at(half);
            for head in x.row(r).chunks_exact_mut(head_dim) {
                let (first, second) = head.split_at_mut(half);
                for (((a, b), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                }
            }
        }
    }

    fn attention(&mut self, inputs: &AttentionInputs<'_>, heads: &Heads, out: ViewMut<'_>) {
        match (inputs.keys, inputs.values) {
            (Stored::F32(keys), Stored::F32(values)) => self.attend(inputs, (keys, values), heads, out),
            (Stored::F16(keys), Stored::F16(values)) => self.attend::<f16>(inputs, (keys, values), heads, out),
            (keys, values) => {
                let AttentionInputs { q, positions, slots, .. } = *inputs;
                cpu::attention(q, keys, values, positions, slots, heads, out);
            }
        }
    }

    fn activate(&mut self, x: View<'_>, kind: Activation, mut out: ViewMut<'_>) {
        for r in 0..out.rows() {
            rows::activate(x.row(r), kind, out.row(r));
        }
    }

    fn gated(&mut self, x: View<'_>, kind: Activation, mut out: ViewMut<'_>) {
        for r in 0..out.rows() {
            rows::gated(x.row(r), kind, out.row(r));
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}
