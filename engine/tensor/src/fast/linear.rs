//! Linear layers: few rows of `x` against one weight row after the other, or many rows in panels.

use super::integer::{self, Rounded};
use super::simd::Element;
use super::{dense, panel, quantised};
use crate::{Stored, View, ViewMut};

/// Rows of `x` from which on they are laid in panels, and a weight that is not f32 is decoded once for all of them.
const MANY: usize = 4;
/// Multiplications below which a product stays on one thread.
#[cfg(feature = "threads")]
const SPREAD_FROM: usize = 1 << 18;

/// What ends a dot product.
#[derive(Clone, Copy)]
pub(super) struct Finish<'a> {
    pub(super) bias: Option<&'a [f32]>,
    pub(super) accumulate: bool,
}

impl Finish<'_> {
    #[inline(always)]
    pub(super) fn put(self, column: usize, dot: f32, out: &mut f32) {
        let value = dot + self.bias.map_or(0.0, |bias| bias[column]);
        *out = if self.accumulate { *out + value } else { value };
    }
}

/// Rows `first..first + rows` of `x` against rows `from..from + cols` of the weight, to rows of `stride` elements.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) first: usize,
    pub(super) rows: usize,
    pub(super) from: usize,
    pub(super) cols: usize,
    pub(super) finish: Finish<'a>,
    pub(super) stride: usize,
}

/// Memory of products that is used again: what all threads read, and what each has for itself.
#[derive(Default)]
pub(super) struct Scratch {
    rounded: Rounded,
    own: Vec<Own>,
}

#[derive(Default)]
struct Own {
    panels: Vec<f32>,
    decoded: Vec<f32>,
}

impl Scratch {
    fn own(&mut self, count: usize) -> &mut [Own] {
        if self.own.len() < count {
            self.own.resize_with(count, Own::default);
        }
        &mut self.own
    }
}

/// `out = x · weightᵀ`, ended by `finish`.
pub(super) fn linear(x: View<'_>, weight: Stored<'_>, finish: Finish<'_>, mut out: ViewMut<'_>, scratch: &mut Scratch) {
    let (rows, cols) = (out.rows(), out.cols());
    if rows == 0 || cols == 0 {
        return;
    }
    let (values, stride) = out.parts();
    let block = Block { first: 0, rows, from: 0, cols, finish, stride };
    #[cfg(feature = "threads")]
    if rows * cols * x.cols() >= SPREAD_FROM && rayon::current_num_threads() > 1 {
        return spread(x, weight, block, values, scratch);
    }
    if rows < MANY {
        scratch.rounded.take(x, rows, weight);
        few(x, &scratch.rounded, weight, block, values);
    } else {
        many(x, weight, block, values, &mut scratch.own(1)[0]);
    }
}

/// The same on all threads: by columns for few rows, by rows for many. Every sum is computed as on one thread.
#[cfg(feature = "threads")]
fn spread(x: View<'_>, weight: Stored<'_>, block: Block<'_>, values: &mut [f32], scratch: &mut Scratch) {
    use rayon::prelude::*;
    let Block { rows, cols, stride, .. } = block;
    let threads = rayon::current_num_threads();
    if rows < MANY {
        scratch.rounded.take(x, rows, weight);
        let rounded = &scratch.rounded;
        let part = cols.div_ceil(threads * 2);
        for (r, row) in values.chunks_mut(stride).take(rows).enumerate() {
            row[..cols].par_chunks_mut(part).enumerate().for_each(|(at, out)| {
                let cols = out.len();
                few(x, rounded, weight, Block { first: r, rows: 1, from: at * part, cols, ..block }, out);
            });
        }
    } else {
        let part = rows.div_ceil(threads).next_multiple_of(panel::ROWS_MAX);
        let parts = values.par_chunks_mut(part * stride).zip(scratch.own(rows.div_ceil(part)));
        parts.enumerate().for_each(|(at, (out, own))| {
            let first = at * part;
            many(x, weight, Block { first, rows: part.min(rows - first), ..block }, out, own);
        });
    }
}

fn few(x: View<'_>, rounded: &Rounded, weight: Stored<'_>, block: Block<'_>, values: &mut [f32]) {
    match weight {
        Stored::F32(weight) => dense::few(x, weight, block, values),
        Stored::F16(weight) => dense::few(x, weight, block, values),
        Stored::Bf16(weight) => dense::few(x, weight, block, values),
        Stored::Quant(weight) if integer::serves(&weight) => integer::few(rounded, &weight, block, values),
        Stored::Quant(weight) => quantised::few(x, &weight, block, values),
    }
}

fn many(x: View<'_>, weight: Stored<'_>, block: Block<'_>, values: &mut [f32], own: &mut Own) {
    let Own { panels, decoded } = own;
    panels.resize(block.rows.next_multiple_of(panel::ROWS_MAX) * x.cols(), 0.0);
    panel::pack(x, block.first, block.rows, panels);
    match weight {
        Stored::F32(weight) => tiles(block, |at, picked| {
            panel::many(panels, picked.map(|row| weight.row(row)), block, at, values);
        }),
        Stored::Quant(weight) => {
            decoded.resize(panel::WEIGHTS * weight.cols, 0.0);
            tiles(block, |at, picked| {
                for (row, out) in picked.into_iter().zip(decoded.chunks_exact_mut(weight.cols)) {
                    quantised::decode(&weight, row, out);
                }
                panel::many(panels, rows(decoded), block, at, values);
            });
        }
        Stored::F16(weight) => halves(panels, weight, block, values, decoded),
        Stored::Bf16(weight) => halves(panels, weight, block, values, decoded),
    }
}

fn halves<E: Element>(
    panels: &[f32],
    weight: View<'_, E>,
    block: Block<'_>,
    values: &mut [f32],
    decoded: &mut Vec<f32>,
) {
    decoded.resize(panel::WEIGHTS * weight.cols(), 0.0);
    tiles(block, |at, picked| {
        for (row, out) in picked.into_iter().zip(decoded.chunks_exact_mut(weight.cols())) {
            out.iter_mut().zip(weight.row(row)).for_each(|(out, value)| *out = value.decode());
        }
        panel::many(panels, rows(decoded), block, at, values);
    });
}

/// Weight rows that lie one after the other.
fn rows(rows: &[f32]) -> [&[f32]; panel::WEIGHTS] {
    let cols = rows.len() / panel::WEIGHTS;
    std::array::from_fn(|i| &rows[i * cols..(i + 1) * cols])
}

/// Calls with the first column of each tile and its weight rows; the last row stands in for those past the end.
fn tiles(block: Block<'_>, mut each: impl FnMut(usize, [usize; panel::WEIGHTS])) {
    for at in (0..block.cols).step_by(panel::WEIGHTS) {
        each(at, std::array::from_fn(|i| block.from + (at + i).min(block.cols - 1)));
    }
}
