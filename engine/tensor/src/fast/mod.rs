//! Kernels for use, judged by `cpu`. Where a file is missing here, the meaning is fast enough.

mod attention;
mod dense;
mod gemm;
mod gradients;
mod integer;
mod linear;
mod log_prob;
mod panel;
mod quantised;
mod rows;
mod self_attention;
mod simd;
mod spread;

use half::f16;

use crate::cpu::{self, Heads, Sequences, to_f32};
use crate::host::{AttentionInputs, Kernels, NormGradInputs, UpdateInputs};
use crate::{Activation, NO_COLUMN, RopeLayout, STATISTICS, Stored, View, ViewMut};
use gemm::{Product, Side};
use gradients::{Elements, NormOf};
use spread::{each_chunk, each_row, sum_rows};

/// Rows of `x` from which on a product is computed by blocks, where it may be.
const BLOCKS_FROM: usize = 16;

/// Memory that kernels use again.
pub(crate) struct Fast {
    scores: Vec<f32>,
    products: linear::Scratch,
    /// Whether linear layers of many rows are computed by blocks.
    blocks: bool,
}

impl Fast {
    pub(crate) fn new(blocks: bool) -> Self {
        Self { scores: Vec::new(), products: linear::Scratch::default(), blocks }
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

    fn rms_norm(&mut self, x: View<'_>, gain: &[f32], eps: f32, out: ViewMut<'_>) {
        each_row(out, x.cols(), |r, out| rows::rms_norm(x.row(r), gain, eps, out));
    }

    fn layer_norm(&mut self, x: View<'_>, gain: &[f32], bias: Option<&[f32]>, eps: f32, out: ViewMut<'_>) {
        each_row(out, x.cols(), |r, out| rows::layer_norm(x.row(r), gain, bias, eps, out));
    }

    fn linear(&mut self, x: View<'_>, weight: Stored<'_>, bias: Option<&[f32]>, accumulate: bool, out: ViewMut<'_>) {
        match weight {
            Stored::F32(weight) if self.blocks && x.rows() >= BLOCKS_FROM => blocks(x, weight, bias, accumulate, out),
            weight => linear::linear(x, weight, linear::Finish { bias, accumulate }, out, &mut self.products),
        }
    }

    fn rope(&mut self, x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
        if layout == RopeLayout::Interleaved {
            return cpu::rope(x, positions, table, head_dim, layout);
        }
        let (half, cost) = (table.cols() / 2, x.cols());
        each_row(x, cost, |r, row| {
            let (cos, sin) = table.row(positions[r] as usize).split_at(half);
            for head in row.chunks_exact_mut(head_dim) {
                let (first, second) = head.split_at_mut(half);
                for (((a, b), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                }
            }
        });
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

    fn activate(&mut self, x: View<'_>, kind: Activation, out: ViewMut<'_>) {
        each_row(out, 4 * x.cols(), |r, out| rows::activate(x.row(r), kind, out));
    }

    fn argmax(&mut self, x: View<'_>, mut out: ViewMut<'_, u32>) {
        for r in 0..out.rows() {
            out.row(r)[0] = rows::argmax(x.row(r));
        }
    }

    fn gated(&mut self, x: View<'_>, kind: Activation, out: ViewMut<'_>) {
        each_row(out, 4 * x.cols(), |r, out| rows::gated(x.row(r), kind, out));
    }

    fn matmul(&mut self, left: View<'_>, right: View<'_>, turned: bool, accumulate: bool, mut out: ViewMut<'_>) {
        let (rows, cols, depth) = (out.rows(), out.cols(), right.rows());
        let side = Side::of(left);
        let left = if turned { side.turned() } else { side };
        let (values, stride) = out.parts();
        Product { rows, depth, cols, left, right: Side::of(right), accumulate }.spread(values, stride);
    }

    fn column_sums(&mut self, x: View<'_>, out: &mut [f32]) {
        sum_rows(x, out, |r, sums| gradients::scale(x.row(r), 1.0, true, sums));
    }

    fn norm_grad(&mut self, inputs: &NormGradInputs<'_>, accumulate: bool, out: ViewMut<'_>) {
        let NormGradInputs { x, gain, dy, eps, centred } = *inputs;
        let norm = NormOf { gain, eps, centred, accumulate };
        each_row(out, 2 * x.cols(), |r, out| gradients::norm_grad(x.row(r), dy.row(r), norm, out));
    }

    fn norm_gain_grad(&mut self, x: View<'_>, dy: View<'_>, eps: f32, centred: bool, out: &mut [f32]) {
        sum_rows(x, out, |r, sums| gradients::norm_gain_grad(x.row(r), dy.row(r), eps, centred, sums));
    }

    fn activate_grad(&mut self, x: View<'_>, dy: View<'_>, kind: Activation, out: ViewMut<'_>) {
        each_row(out, 8 * x.cols(), |r, out| gradients::activate_grad(x.row(r), dy.row(r), kind, out));
    }

    fn gated_grad(&mut self, x: View<'_>, dy: View<'_>, kind: Activation, out: ViewMut<'_>) {
        each_row(out, 8 * x.cols(), |r, out| gradients::gated_grad(x.row(r), dy.row(r), kind, out));
    }

    fn rope_grad(&mut self, x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
        if layout == RopeLayout::Interleaved {
            return cpu::rope_grad(x, positions, table, head_dim, layout);
        }
        let (half, cost) = (table.cols() / 2, x.cols());
        each_row(x, cost, |r, row| {
            let (cos, sin) = table.row(positions[r] as usize).split_at(half);
            row.chunks_exact_mut(head_dim).for_each(|head| gradients::rope_half_back(head, cos, sin));
        });
    }

    fn self_attention(&mut self, projected: View<'_>, sizes: &Sequences, out: ViewMut<'_>) {
        self_attention::self_attention(projected, sizes, out);
    }

    fn self_attention_grad(&mut self, projected: View<'_>, dy: View<'_>, sizes: &Sequences, out: ViewMut<'_>) {
        self_attention::self_attention_grad(projected, dy, sizes, out);
    }

    fn log_prob(&mut self, logits: View<'_>, reference: Option<View<'_>>, targets: &[u32], out: ViewMut<'_>) {
        each_row(out, 8 * logits.cols(), |r, out| {
            out.fill(0.0);
            if targets[r] == NO_COLUMN {
                return;
            }
            let (row, target) = (logits.row(r), targets[r] as usize);
            let (total, mean) = log_prob::spread(row);
            (out[0], out[2], out[5]) = (to_f32(f64::from(row[target]) - total), to_f32(total - mean), to_f32(total));
            if let Some(reference) = reference {
                let other = reference.row(r);
                let (other_total, _) = log_prob::spread(other);
                let (forward, reverse) = log_prob::divergences(row, to_f32(total), other, to_f32(other_total));
                (out[1], out[6]) = (to_f32(f64::from(other[target]) - other_total), to_f32(other_total));
                (out[3], out[4]) = (to_f32(forward), to_f32(reverse));
            }
        });
    }

    fn log_prob_grad(
        &mut self,
        logits: ViewMut<'_>,
        reference: Option<View<'_>>,
        targets: &[u32],
        statistics: View<'_>,
        coefficients: View<'_>,
    ) {
        let cost = 4 * logits.cols();
        each_row(logits, cost, |r, z| {
            if targets[r] == NO_COLUMN {
                z.fill(0.0);
                return;
            }
            let row: [f32; STATISTICS] = std::array::from_fn(|at| statistics.row(r)[at]);
            let by = coefficients.row(r);
            match reference {
                Some(reference) => log_prob::against(z, reference.row(r), &row, by),
                None => log_prob::likelihood(z, row[5], by[0]),
            }
            z[targets[r] as usize] += by[0];
        });
    }

    fn scale(&mut self, x: View<'_>, factor: f32, accumulate: bool, out: ViewMut<'_>) {
        each_row(out, x.cols(), |r, out| gradients::scale(x.row(r), factor, accumulate, out));
    }

    fn sum_squares(&mut self, x: View<'_>) -> f64 {
        let row = |r: usize| x.row(r).chunks(1 << 12).map(|part| f64::from(gradients::squares(part))).sum::<f64>();
        (0..x.rows()).map(row).sum()
    }

    fn optimiser_states(&mut self, inputs: &UpdateInputs<'_>, state: &mut [f32]) {
        let UpdateInputs { rule, settings, factor, gradient, other } = *inputs;
        if !factor.is_finite() {
            return;
        }
        let (first, second) = state.split_at_mut(gradient.len());
        each_chunk(first, second, |at, first, second| {
            let range = at..at + first.len();
            let of = Elements { rule, settings, factor, gradient: &gradient[range.clone()] };
            gradients::states(of, &other[range], first, second);
        });
    }

    fn optimiser_steps(&mut self, inputs: &UpdateInputs<'_>, weight: &mut [f32]) {
        let UpdateInputs { rule, settings, factor, gradient, other } = *inputs;
        if !factor.is_finite() {
            return;
        }
        let (first, second) = other.split_at(gradient.len());
        each_chunk(weight, &mut [], |at, weight, _| {
            let range = at..at + weight.len();
            let of = Elements { rule, settings, factor, gradient: &gradient[range.clone()] };
            let second = if rule.state_rows() > 1 { &second[range.clone()] } else { &[] };
            gradients::steps(of, &first[range], second, weight);
        });
    }
}

/// A linear layer by blocks.
fn blocks(x: View<'_>, weight: View<'_>, bias: Option<&[f32]>, accumulate: bool, mut out: ViewMut<'_>) {
    let (rows, cols, depth) = (out.rows(), out.cols(), weight.cols());
    let (values, stride) = out.parts();
    let right = Side::of(weight).turned();
    Product { rows, depth, cols, left: Side::of(x), right, accumulate }.spread(values, stride);
    if let Some(bias) = bias {
        each_row(out, cols, |_, out| gradients::scale(bias, 1.0, true, out));
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
