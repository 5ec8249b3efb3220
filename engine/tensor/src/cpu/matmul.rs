use super::to_f32;
use crate::{View, ViewMut};

/// `out = left · right`, or `leftᵀ · right` when `turned`; added to `out` when `accumulate`.
///
/// # Shapes and units
/// `left`: `[m, k]` (`[k, m]` when `turned`), `right`: `[k, n]`, `out`: `[m, n]`.
pub fn matmul(left: View<'_>, right: View<'_>, turned: bool, accumulate: bool, mut out: ViewMut<'_>) {
    for m in 0..out.rows() {
        for n in 0..out.cols() {
            let factor = |k: usize| f64::from(if turned { left.row(k)[m] } else { left.row(m)[k] });
            let sum: f64 = (0..right.rows()).map(|k| factor(k) * f64::from(right.row(k)[n])).sum();
            let y = &mut out.row(m)[n];
            *y = to_f32(if accumulate { f64::from(*y) + sum } else { sum });
        }
    }
}

/// `out[0,c] += Σ_r x[r,c]`: the gradient of what is added to every row.
pub fn column_sums(x: View<'_>, out: &mut [f32]) {
    for (c, y) in out.iter_mut().enumerate() {
        *y = to_f32(f64::from(*y) + (0..x.rows()).map(|r| f64::from(x.row(r)[c])).sum::<f64>());
    }
}

/// `out[rows[r]] += x[r]`, row after row: the gradient of a gather.
///
/// # Shapes and units
/// `x`: `[rows.len(), cols]`, `out`: `[n, cols]`, `rows[r] < n`.
pub fn scatter_add(x: View<'_>, rows: &[u32], mut out: ViewMut<'_>) {
    for (r, &row) in rows.iter().enumerate() {
        out.row(row as usize).iter_mut().zip(x.row(r)).for_each(|(y, v)| *y += v);
    }
}

/// `out = factor · x`, added to `out` when `accumulate`. Shapes: both `[rows, cols]`.
pub fn scale(x: View<'_>, factor: f32, accumulate: bool, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        for (y, v) in out.row(r).iter_mut().zip(x.row(r)) {
            *y = if accumulate { *y + factor * v } else { factor * v };
        }
    }
}

/// `Σ x²` over all of a matrix.
pub fn sum_squares(x: View<'_>) -> f64 {
    (0..x.rows()).flat_map(|r| x.row(r)).map(|&v| f64::from(v).powi(2)).sum()
}

/// `min(1, limit / (√squares + 1e-6))`: what gradients are multiplied with so that their norm is at most `limit`.
///
/// Not finite where `squares` is not: an optimiser then changes nothing.
pub fn clip_factor(squares: f32, limit: f32) -> f32 {
    let norm = f64::from(squares).sqrt();
    if !norm.is_finite() {
        return f32::NAN;
    }
    to_f32((f64::from(limit) / (norm + 1e-6)).min(1.0))
}
