use super::to_f32;
use crate::{View, ViewMut};

/// Root-mean-square normalisation of each row.
///
/// `out[r,c] = x[r,c] · gain[c] / sqrt(mean_c(x[r,c]²) + eps)` (Zhang & Sennrich 2019, RMSNorm).
///
/// # Shapes and units
/// `x`, `out`: `[rows, cols]`, `gain`: `[cols]`; all dimensionless. `eps > 0`.
pub fn rms_norm(x: View<'_>, gain: &[f32], eps: f32, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        let row = x.row(r);
        // A column count is far below 2^52.
        let mean_square = row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / row.len() as f64;
        let scale = (mean_square + f64::from(eps)).sqrt().recip();
        for ((y, &v), &g) in out.row(r).iter_mut().zip(row).zip(gain) {
            *y = to_f32(f64::from(v) * scale * f64::from(g));
        }
    }
}
