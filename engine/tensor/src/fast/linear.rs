//! Linear layers: a few rows of `x` at a time against four rows of the weight.

use super::dense;
use super::quantised::{self, group_sums};
use super::simd::Element;
use crate::{Stored, View, ViewMut};

const ROWS: usize = dense::ROWS;
/// Rows of `x` from which on a weight that is not f32 is decoded once for all of them.
const DECODE_FROM: usize = 3;
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
    fn put(self, column: usize, dot: f32, out: &mut f32) {
        let value = dot + self.bias.map_or(0.0, |bias| bias[column]);
        *out = if self.accumulate { *out + value } else { value };
    }
}

/// `out = x · weightᵀ`, ended by `finish`.
pub(super) fn linear(x: View<'_>, weight: Stored<'_>, finish: Finish<'_>, mut out: ViewMut<'_>) {
    let (rows, cols) = (out.rows(), out.cols());
    if rows == 0 || cols == 0 {
        return;
    }
    let (values, stride) = out.parts();
    #[cfg(feature = "threads")]
    if rows * cols * x.cols() >= SPREAD_FROM && rayon::current_num_threads() > 1 {
        return spread(x, weight, finish, values, rows, stride);
    }
    block(x, 0, rows, weight, 0, cols, finish, values, stride);
}

/// The same on all threads: by columns for few rows, by rows for many. Every sum is computed as on one thread.
#[cfg(feature = "threads")]
fn spread(x: View<'_>, weight: Stored<'_>, finish: Finish<'_>, values: &mut [f32], rows: usize, stride: usize) {
    use rayon::prelude::*;
    let cols = weight.rows();
    let threads = rayon::current_num_threads();
    if rows < DECODE_FROM {
        // A multiple of the tile, so that tiles fall as on one thread.
        let part = cols.div_ceil(threads * 2).next_multiple_of(ROWS);
        for (r, row) in values.chunks_mut(stride).take(rows).enumerate() {
            row[..cols].par_chunks_mut(part).enumerate().for_each(|(at, out)| {
                block(x, r, 1, weight, at * part, out.len(), finish, out, out.len());
            });
        }
    } else {
        let part = rows.div_ceil(threads).next_multiple_of(DECODE_FROM);
        values.par_chunks_mut(part * stride).enumerate().for_each(|(at, out)| {
            let first = at * part;
            if first < rows {
                block(x, first, part.min(rows - first), weight, 0, cols, finish, out, stride);
            }
        });
    }
}

/// Rows `first..first + rows` of `x` against rows `from..from + cols` of the weight, to the start of `values`.
#[allow(clippy::too_many_arguments)] // the corners of a block
fn block(
    x: View<'_>,
    first: usize,
    rows: usize,
    weight: Stored<'_>,
    from: usize,
    cols: usize,
    finish: Finish<'_>,
    values: &mut [f32],
    stride: usize,
) {
    let target = Target { first, rows, from, cols, finish, stride };
    match weight {
        Stored::F32(weight) => target.dense(x, weight, values),
        _ if rows >= DECODE_FROM => target.decoded(x, weight, values),
        Stored::F16(weight) => target.dense(x, weight, values),
        Stored::Bf16(weight) => target.dense(x, weight, values),
        Stored::Quant(weight) => {
            let mut sums = Vec::with_capacity(weight.cols / usize::from(weight.format.group));
            for r in 0..rows {
                let row = x.row(first + r);
                group_sums(row, usize::from(weight.format.group), &mut sums);
                target.tiles(|at, picked| {
                    let dots = quantised::four_rows(&weight, picked, row, &sums);
                    target.put(&mut values[r * stride..], at, &dots);
                });
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Target<'a> {
    first: usize,
    rows: usize,
    from: usize,
    cols: usize,
    finish: Finish<'a>,
    stride: usize,
}

impl Target<'_> {
    /// Calls with the first column of each tile and its weight rows; the last row stands in for those past the end.
    fn tiles(&self, mut each: impl FnMut(usize, [usize; ROWS])) {
        for at in (0..self.cols).step_by(ROWS) {
            each(at, std::array::from_fn(|i| self.from + (at + i).min(self.cols - 1)));
        }
    }

    #[inline(always)]
    fn put(&self, out: &mut [f32], at: usize, dots: &[f32; ROWS]) {
        for (i, dot) in dots.iter().take(self.cols - at).enumerate() {
            self.finish.put(self.from + at + i, *dot, &mut out[at + i]);
        }
    }

    fn dense<E: Element>(&self, x: View<'_>, weight: View<'_, E>, values: &mut [f32]) {
        self.tiles(|at, picked| self.tile(x, picked.map(|row| weight.row(row)), at, values));
    }

    /// Decodes four weight rows at a time.
    fn decoded(&self, x: View<'_>, weight: Stored<'_>, values: &mut [f32]) {
        let cols = weight.cols();
        let mut decoded = vec![0.0; ROWS * cols];
        self.tiles(|at, picked| {
            for (row, out) in picked.into_iter().zip(decoded.chunks_exact_mut(cols)) {
                weight.decode_row(row, out);
            }
            self.tile(x, std::array::from_fn(|i| &decoded[i * cols..(i + 1) * cols]), at, values);
        });
    }

    /// Four weight rows against all rows of `x`, three at a time.
    fn tile<E: Element>(&self, x: View<'_>, weights: [&[E]; ROWS], at: usize, values: &mut [f32]) {
        let mut r = 0;
        while r + 3 <= self.rows {
            let rows = std::array::from_fn(|i| x.row(self.first + r + i));
            for (i, dots) in dense::three(weights, rows).iter().enumerate() {
                self.put(&mut values[(r + i) * self.stride..], at, dots);
            }
            r += 3;
        }
        while r < self.rows {
            let dots = dense::one(weights, x.row(self.first + r));
            self.put(&mut values[r * self.stride..], at, &dots);
            r += 1;
        }
    }
}
