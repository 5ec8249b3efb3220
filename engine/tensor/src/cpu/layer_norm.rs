use super::to_f32;
use crate::{View, ViewMut};

/// Normalisation of each row to mean 0 and variance 1.
///
/// `out[r,c] = (x[r,c] - mean_r) / sqrt(var_r + eps) · gain[c] + bias[c]`, with the variance over `cols`, not `cols - 1`
/// (Ba et al. 2016, Layer Normalization).
///
/// # Shapes and units
/// `x`, `out`: `[rows, cols]`, `gain`, `bias`: `[cols]`; all dimensionless. `eps > 0`.
pub fn layer_norm(x: View<'_>, gain: &[f32], bias: Option<&[f32]>, eps: f32, mut out: ViewMut<'_>) {
    for r in 0..out.rows() {
        let row = x.row(r);
        let count = row.len() as f64;
        let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
        let scale = (variance + f64::from(eps)).sqrt().recip();
        for (c, (y, &v)) in out.row(r).iter_mut().zip(row).enumerate() {
            let shift = bias.map_or(0.0, |bias| f64::from(bias[c]));
            *y = to_f32((f64::from(v) - mean) * scale * f64::from(gain[c]) + shift);
        }
    }
}
