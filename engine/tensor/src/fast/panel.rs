//! Products of many rows. Rows of `x` lie in panels, as wide as two vectors, column by column; each element of a few weight
//! rows is spread over a vector and multiplied with a panel's column. Every sum runs along the columns in order, whatever
//! the panel.

use super::linear::Block;
use super::simd::{Element, Lanes, vectorised};
#[cfg(not(target_arch = "wasm32"))]
use super::simd::{load, multiply_add};

use crate::View;

/// Weight rows that share each load of a panel.
pub(super) const WEIGHTS: usize = 4;
/// Rows of `x` in the widest panel of any machine.
pub(super) const ROWS_MAX: usize = 16;

/// Panels of rows `first..first + rows` of `x`: wide ones, and a narrow one where no more than a vector's rows remain.
#[inline(always)]
fn pack_body<const L: usize, const FMA: bool>(x: View<'_>, first: usize, rows: usize, panels: &mut [f32]) {
    let mut rest = panels;
    let mut at = 0;
    while at < rows {
        let width = if rows - at > L { 2 * L } else { L };
        let (panel, others) = rest.split_at_mut(width * x.cols());
        for i in 0..width {
            let column = panel.iter_mut().skip(i).step_by(width);
            if at + i < rows {
                column.zip(x.row(first + at + i)).for_each(|(to, from)| *to = *from);
            } else {
                column.for_each(|to| *to = 0.0);
            }
        }
        rest = others;
        at += width;
    }
}

/// Dot products of weight rows with the rows of a panel of `H` vectors.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn tile<const L: usize, const FMA: bool, const H: usize, E: Element>(
    weights: [&[E]; WEIGHTS],
    panel: &[f32],
) -> [[Lanes<L>; H]; WEIGHTS] {
    let count = weights[0].len();
    let weights = weights.map(|row| &row[..count]);
    let mut sums = [[[0.0; L]; H]; WEIGHTS];
    for (at, column) in panel.chunks_exact(H * L).take(count).enumerate() {
        let column: [Lanes<L>; H] = std::array::from_fn(|h| load(&column[h * L..]));
        for (sums, row) in sums.iter_mut().zip(&weights) {
            let weight = [row[at].decode(); L];
            for h in 0..H {
                sums[h] = multiply_add::<L, FMA>(weight, column[h], sums[h]);
            }
        }
    }
    sums
}

/// The same by the machine's own vectors: of lanes as arrays a browser's compiler keeps too few in registers.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn tile<const L: usize, const FMA: bool, const H: usize, E: Element>(
    weights: [&[E]; WEIGHTS],
    panel: &[f32],
) -> [[Lanes<L>; H]; WEIGHTS] {
    use std::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, v128_load};
    const { assert!(L == 4, "a vector of wasm has four lanes") };
    let count = weights[0].len();
    let weights = weights.map(|row| &row[..count]);
    let panel = &panel[..count * H * L];
    // SAFETY: this is part of functions compiled for simd128; the panel has `H` vectors for each of `count` columns, and each
    // weight row has `count` elements.
    #[allow(unsafe_code)]
    unsafe {
        let mut sums = [[f32x4_splat(0.0); H]; WEIGHTS];
        let mut column = panel.as_ptr();
        for at in 0..count {
            let mut lanes = [f32x4_splat(0.0); H];
            for (h, lanes) in lanes.iter_mut().enumerate() {
                *lanes = v128_load(column.add(h * L).cast());
            }
            column = column.add(H * L);
            for (sums, row) in sums.iter_mut().zip(&weights) {
                let weight = f32x4_splat(row.get_unchecked(at).decode());
                for h in 0..H {
                    sums[h] = f32x4_add(sums[h], f32x4_mul(weight, lanes[h]));
                }
            }
        }
        sums.map(|sums| {
            sums.map(|lanes| {
                let four = [
                    f32x4_extract_lane::<0>(lanes),
                    f32x4_extract_lane::<1>(lanes),
                    f32x4_extract_lane::<2>(lanes),
                    f32x4_extract_lane::<3>(lanes),
                ];
                std::array::from_fn(|i| four[i])
            })
        })
    }
}

/// Ends the sums of a panel, whose first row is row `r` of the block.
#[inline(always)]
fn store<const L: usize, const H: usize>(
    sums: [[Lanes<L>; H]; WEIGHTS],
    block: Block<'_>,
    (r, at): (usize, usize),
    out: &mut [f32],
) {
    let cols = (block.cols - at).min(WEIGHTS);
    let bias: [f32; WEIGHTS] =
        std::array::from_fn(|i| block.finish.bias.map_or(0.0, |bias| bias[block.from + at + i.min(cols - 1)]));
    for (row, lane) in (r..block.rows).zip(0..H * L) {
        let dots: [f32; WEIGHTS] = std::array::from_fn(|i| sums[i][lane / L][lane % L] + bias[i]);
        let out = &mut out[row * block.stride + at..][..cols];
        if block.finish.accumulate {
            out.iter_mut().zip(dots).for_each(|(out, dot)| *out += dot);
        } else if let Ok(out) = <&mut [f32; WEIGHTS]>::try_from(&mut *out) {
            *out = dots;
        } else {
            out.iter_mut().zip(dots).for_each(|(out, dot)| *out = dot);
        }
    }
}

#[inline(always)]
fn many_body<const L: usize, const FMA: bool, E: Element>(
    panels: &[f32],
    weights: [&[E]; WEIGHTS],
    block: Block<'_>,
    at: usize,
    out: &mut [f32],
) {
    let count = weights[0].len();
    let mut rest = panels;
    let mut r = 0;
    while r < block.rows {
        let wide = block.rows - r > L;
        let width = if wide { 2 * L } else { L };
        let (panel, others) = rest.split_at(width * count);
        if wide {
            store(tile::<L, FMA, 2, E>(weights, panel), block, (r, at), out);
        } else {
            store(tile::<L, FMA, 1, E>(weights, panel), block, (r, at), out);
        }
        rest = others;
        r += width;
    }
}

vectorised! {
    /// Fills `panels`, which hold whole panels of [`ROWS_MAX`] rows.
    fn pack = pack_body(x: View<'_>, first: usize, rows: usize, panels: &mut [f32])
}
vectorised! {
    /// Columns of a block from `at` on, as many as there are weight rows.
    fn many = many_body<E: Element>(
        panels: &[f32], weights: [&[E]; WEIGHTS], block: Block<'_>, at: usize, out: &mut [f32],
    )
}
