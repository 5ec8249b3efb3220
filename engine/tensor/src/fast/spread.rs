//! Rows over threads. How rows are shared out changes no result.

use crate::{View, ViewMut};

/// Elements below which work stays on one thread.
#[cfg(feature = "threads")]
const SPREAD_FROM: usize = 1 << 14;
/// Rows whose sums are added up together, whatever the number of threads.
const SUMMED_ROWS: usize = 64;

/// Calls with the number and the elements of each row; `cost` is what a row takes, in elements.
pub(super) fn each_row(mut out: ViewMut<'_>, cost: usize, each: impl Fn(usize, &mut [f32]) + Sync) {
    let (rows, cols) = (out.rows(), out.cols());
    let (values, stride) = out.parts();
    if rows == 0 || cols == 0 {
        return;
    }
    #[cfg(feature = "threads")]
    if rows * cost >= SPREAD_FROM && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        let part = rows.div_ceil(rayon::current_num_threads() * 2);
        let used = ((rows - 1) * stride + cols).min(values.len());
        values[..used].par_chunks_mut(part * stride).enumerate().for_each(|(at, values)| {
            values.chunks_mut(stride).enumerate().for_each(|(row, values)| each(at * part + row, &mut values[..cols]));
        });
        return;
    }
    let _ = cost;
    values.chunks_mut(stride).take(rows).enumerate().for_each(|(row, values)| each(row, &mut values[..cols]));
}

/// Calls with the number of each block of `count` rows and its elements, which lie `stride` apart.
pub(super) fn each_block(mut out: ViewMut<'_>, count: usize, each: impl Fn(usize, &mut [f32], usize) + Sync) {
    let (rows, cols) = (out.rows(), out.cols());
    let (values, stride) = out.parts();
    if rows == 0 || cols == 0 {
        return;
    }
    let used = ((rows - 1) * stride + cols).min(values.len());
    #[cfg(feature = "threads")]
    if rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        values[..used].par_chunks_mut(count * stride).enumerate().for_each(|(at, values)| each(at, values, stride));
        return;
    }
    values[..used].chunks_mut(count * stride).enumerate().for_each(|(at, values)| each(at, values, stride));
}

/// Adds to `out` what `each` adds up over the rows of `x`, a fixed number of rows at a time.
pub(super) fn sum_rows(x: View<'_>, out: &mut [f32], each: impl Fn(usize, &mut [f32]) + Sync) {
    let parts = x.rows().div_ceil(SUMMED_ROWS);
    let part = |at: usize| {
        let mut sums = vec![0.0; out.len()];
        (at * SUMMED_ROWS..x.rows().min((at + 1) * SUMMED_ROWS)).for_each(|row| each(row, &mut sums));
        sums
    };
    #[cfg(feature = "threads")]
    let sums: Vec<Vec<f32>> = {
        use rayon::prelude::*;
        if x.rows() * out.len() >= SPREAD_FROM {
            (0..parts).into_par_iter().map(part).collect()
        } else {
            (0..parts).map(part).collect()
        }
    };
    #[cfg(not(feature = "threads"))]
    let sums: Vec<Vec<f32>> = (0..parts).map(part).collect();
    let mut totals: Vec<f64> = out.iter().map(|y| f64::from(*y)).collect();
    for sums in sums {
        totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += f64::from(sum));
    }
    out.iter_mut().zip(totals).for_each(|(y, total)| *y = crate::cpu::to_f32(total));
}

/// Calls with the number of the first element and the elements of each chunk of two lists, of which the second may be
/// empty.
pub(super) fn each_chunk(first: &mut [f32], second: &mut [f32], each: impl Fn(usize, &mut [f32], &mut [f32]) + Sync) {
    const CHUNK: usize = 1 << 14;
    let empty = second.is_empty();
    #[cfg(feature = "threads")]
    if first.len() > CHUNK && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        if empty {
            first.par_chunks_mut(CHUNK).enumerate().for_each(|(at, first)| each(at * CHUNK, first, &mut []));
        } else {
            let pairs = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK)).enumerate();
            pairs.for_each(|(at, (first, second))| each(at * CHUNK, first, second));
        }
        return;
    }
    if empty {
        first.chunks_mut(CHUNK).enumerate().for_each(|(at, first)| each(at * CHUNK, first, &mut []));
    } else {
        let pairs = first.chunks_mut(CHUNK).zip(second.chunks_mut(CHUNK)).enumerate();
        pairs.for_each(|(at, (first, second))| each(at * CHUNK, first, second));
    }
}
