//! Products of large matrices: both sides are packed into panels that a small kernel reads in order.

use std::cell::RefCell;

use super::simd::{load, multiply_add, vectorised};
use crate::View;

/// Rows of a panel of the left side.
const PANEL_ROWS: usize = 6;
/// Sums that stay in the first cache, rows of the left side in the second, columns of the right side in the third.
const DEPTH: usize = 256;
const ROWS: usize = 96;
const COLS: usize = 768;
/// Multiplications below which a product stays on one thread.
#[cfg(feature = "threads")]
const SPREAD_FROM: usize = 1 << 18;

thread_local! {
    /// Packed panels of both sides, used again.
    static PACKED: RefCell<(Vec<f32>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// A side of a product: element `(i, j)` is `values[i · row + j · col]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    values: &'a [f32],
    row: usize,
    col: usize,
}

impl<'a> Side<'a> {
    /// A matrix as it stands.
    pub(super) fn of(view: View<'a>) -> Self {
        let (values, row) = view.parts();
        Self { values, row, col: 1 }
    }

    /// The transpose.
    pub(super) fn turned(self) -> Self {
        Self { row: self.col, col: self.row, ..self }
    }

    #[cfg(feature = "threads")]
    fn after_rows(self, row: usize) -> Self {
        Self { values: &self.values[(row * self.row).min(self.values.len())..], ..self }
    }
}

/// `out = left · right`, or `out += …`: `[rows, depth]` by `[depth, cols]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product<'a> {
    pub(super) rows: usize,
    pub(super) depth: usize,
    pub(super) cols: usize,
    pub(super) left: Side<'a>,
    pub(super) right: Side<'a>,
    pub(super) accumulate: bool,
}

impl Product<'_> {
    /// On this thread, to rows that lie `stride` apart.
    pub(super) fn run(&self, out: &mut [f32], stride: usize) {
        if self.rows == 0 || self.cols == 0 {
            return;
        }
        if self.depth == 0 {
            if !self.accumulate {
                (0..self.rows).for_each(|row| out[row * stride..][..self.cols].fill(0.0));
            }
            return;
        }
        PACKED.with_borrow_mut(|(left, right)| blocks(*self, left, right, out, stride));
    }

    /// On all threads, by rows; each element is summed as on one thread.
    pub(super) fn spread(&self, out: &mut [f32], stride: usize) {
        #[cfg(feature = "threads")]
        if self.rows * self.cols * self.depth >= SPREAD_FROM && rayon::current_num_threads() > 1 {
            use rayon::prelude::*;
            let part = self.rows.div_ceil(rayon::current_num_threads()).next_multiple_of(PANEL_ROWS);
            out.par_chunks_mut(part * stride).enumerate().for_each(|(at, out)| {
                let first = at * part;
                if first < self.rows {
                    let left = self.left.after_rows(first);
                    Self { rows: part.min(self.rows - first), left, ..*self }.run(out, stride);
                }
            });
            return;
        }
        self.run(out, stride);
    }
}

/// Panels of [`PANEL_ROWS`] rows, each column after column; rows past the end are 0.
#[inline(always)]
fn pack_left(side: Side<'_>, rows: (usize, usize), depth: (usize, usize), packed: &mut Vec<f32>) {
    let (from, to) = depth;
    packed.clear();
    packed.resize((rows.1 - rows.0).div_ceil(PANEL_ROWS) * PANEL_ROWS * (to - from), 0.0);
    for (panel, target) in packed.chunks_exact_mut(PANEL_ROWS * (to - from)).enumerate() {
        let first = rows.0 + panel * PANEL_ROWS;
        let count = PANEL_ROWS.min(rows.1 - first);
        if side.row == 1 {
            for (k, target) in (from..to).zip(target.chunks_exact_mut(PANEL_ROWS)) {
                target[..count].copy_from_slice(&side.values[k * side.col + first..][..count]);
            }
        } else {
            for i in 0..count {
                let row = &side.values[(first + i) * side.row..];
                for (k, target) in (from..to).zip(target.chunks_exact_mut(PANEL_ROWS)) {
                    target[i] = row[k * side.col];
                }
            }
        }
    }
}

/// Panels of `2 · L` columns, each row after row; columns past the end are 0.
#[inline(always)]
fn pack_right<const L: usize>(side: Side<'_>, cols: (usize, usize), depth: (usize, usize), packed: &mut Vec<f32>) {
    let (from, to) = depth;
    let width = 2 * L;
    packed.clear();
    packed.resize((cols.1 - cols.0).div_ceil(width) * width * (to - from), 0.0);
    for (panel, target) in packed.chunks_exact_mut(width * (to - from)).enumerate() {
        let first = cols.0 + panel * width;
        let count = width.min(cols.1 - first);
        if side.col == 1 {
            for (k, target) in (from..to).zip(target.chunks_exact_mut(width)) {
                target[..count].copy_from_slice(&side.values[k * side.row + first..][..count]);
            }
        } else {
            for j in 0..count {
                let column = &side.values[(first + j) * side.col..];
                for (k, target) in (from..to).zip(target.chunks_exact_mut(width)) {
                    target[j] = column[k * side.row];
                }
            }
        }
    }
}

/// Sums of one panel of each side.
#[inline(always)]
fn tile<const L: usize, const FMA: bool>(left: &[f32], right: &[f32]) -> [[[f32; L]; 2]; PANEL_ROWS] {
    let mut sums = [[[0.0; L]; 2]; PANEL_ROWS];
    for (left, right) in left.chunks_exact(PANEL_ROWS).zip(right.chunks_exact(2 * L)) {
        let columns: [[f32; L]; 2] = [load(right), load(&right[L..])];
        for i in 0..PANEL_ROWS {
            let factor = [left[i]; L];
            sums[i][0] = multiply_add::<L, FMA>(factor, columns[0], sums[i][0]);
            sums[i][1] = multiply_add::<L, FMA>(factor, columns[1], sums[i][1]);
        }
    }
    sums
}

#[inline(always)]
fn blocks_body<const L: usize, const FMA: bool>(
    product: Product<'_>,
    packed_left: &mut Vec<f32>,
    packed_right: &mut Vec<f32>,
    out: &mut [f32],
    stride: usize,
) {
    let Product { rows, depth, cols, left, right, accumulate } = product;
    for first_col in (0..cols).step_by(COLS) {
        let last_col = cols.min(first_col + COLS);
        for from in (0..depth).step_by(DEPTH) {
            let to = depth.min(from + DEPTH);
            let add = accumulate || from > 0;
            pack_right::<L>(right, (first_col, last_col), (from, to), packed_right);
            for first_row in (0..rows).step_by(ROWS) {
                let last_row = rows.min(first_row + ROWS);
                pack_left(left, (first_row, last_row), (from, to), packed_left);
                for (at, right) in packed_right.chunks_exact(2 * L * (to - from)).enumerate() {
                    let col = first_col + at * 2 * L;
                    let width = (2 * L).min(last_col - col);
                    for (at, left) in packed_left.chunks_exact(PANEL_ROWS * (to - from)).enumerate() {
                        let row = first_row + at * PANEL_ROWS;
                        let sums = tile::<L, FMA>(left, right);
                        for (i, sums) in sums.iter().enumerate().take(PANEL_ROWS.min(last_row - row)) {
                            let target = &mut out[(row + i) * stride + col..][..width];
                            put::<L>(sums, add, target);
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn put<const L: usize>(sums: &[[f32; L]; 2], add: bool, target: &mut [f32]) {
    if target.len() == 2 * L {
        for (half, target) in sums.iter().zip(target.chunks_exact_mut(L)) {
            for i in 0..L {
                target[i] = if add { target[i] + half[i] } else { half[i] };
            }
        }
    } else {
        for (i, target) in target.iter_mut().enumerate() {
            let sum = sums[i / L][i % L];
            *target = if add { *target + sum } else { sum };
        }
    }
}

vectorised! {
    /// A product, block by block.
    fn blocks = blocks_body(product: Product<'_>, packed_left: &mut Vec<f32>, packed_right: &mut Vec<f32>, out: &mut [f32], stride: usize)
}
