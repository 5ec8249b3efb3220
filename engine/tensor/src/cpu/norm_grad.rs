use super::to_f32;
use crate::{View, ViewMut};

/// Mean (0 unless `centred`) and reciprocal of the root of variance plus `eps`.
fn moments(row: &[f32], eps: f32, centred: bool) -> (f64, f64) {
    let count = row.len() as f64;
    let mean = if centred { row.iter().map(|&v| f64::from(v)).sum::<f64>() / count } else { 0.0 };
    let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
    (mean, (variance + f64::from(eps)).sqrt().recip())
}

/// Gradient of RMS norm, or of layer norm when `centred`, by its input; added to `out` when `accumulate`.
///
/// With `n = (x - mean) · s`, `s = 1/√(variance + eps)` and `h = gain · dy`:
/// `dx = s · (h - mean(h) - n · mean(h · n))`, without `mean` and `mean(h)` for RMS norm.
///
/// # Shapes and units
/// `x`, `dy`, `out`: `[rows, cols]`, `gain`: `[cols]`.
pub fn norm_grad(
    x: View<'_>,
    gain: &[f32],
    dy: View<'_>,
    eps: f32,
    centred: bool,
    accumulate: bool,
    mut out: ViewMut<'_>,
) {
    for r in 0..out.rows() {
        let (row, dy) = (x.row(r), dy.row(r));
        let (mean, scale) = moments(row, eps, centred);
        let count = row.len() as f64;
        let h = |c: usize| f64::from(gain[c]) * f64::from(dy[c]);
        let n = |c: usize| (f64::from(row[c]) - mean) * scale;
        let mean_h = if centred { (0..row.len()).map(h).sum::<f64>() / count } else { 0.0 };
        let mean_hn = (0..row.len()).map(|c| h(c) * n(c)).sum::<f64>() / count;
        for (c, y) in out.row(r).iter_mut().enumerate() {
            let value = scale * (h(c) - mean_h - n(c) * mean_hn);
            *y = to_f32(if accumulate { f64::from(*y) + value } else { value });
        }
    }
}

/// `out[c] += Σ_r dy[r,c] · n[r,c]`: gradient of a norm by its gain, with `n` as at [`norm_grad`].
pub fn norm_gain_grad(x: View<'_>, dy: View<'_>, eps: f32, centred: bool, out: &mut [f32]) {
    let mut sums = vec![0.0; out.len()];
    for r in 0..x.rows() {
        let (mean, scale) = moments(x.row(r), eps, centred);
        for (sum, (v, d)) in sums.iter_mut().zip(x.row(r).iter().zip(dy.row(r))) {
            *sum += f64::from(*d) * (f64::from(*v) - mean) * scale;
        }
    }
    out.iter_mut().zip(sums).for_each(|(y, sum)| *y = to_f32(f64::from(*y) + sum));
}
