use super::to_f32;
use crate::{Stored, View, ViewMut};

/// A linear layer: `out[r,o] = Σ_i x[r,i] · weight[o,i] + bias[o]`, added to `out` when `accumulate`.
///
/// # Shapes and units
/// `x`: `[rows, in]`, `weight`: `[out, in]` in any storage, `bias`: `[out]`, `out`: `[rows, out]`.
///
/// The trap: `weight` has one row per output, as in most checkpoints; GPT-2's are the other way round and are turned
/// when they are loaded.
pub fn linear(x: View<'_>, weight: Stored<'_>, bias: Option<&[f32]>, accumulate: bool, mut out: ViewMut<'_>) {
    let mut weights = vec![0.0; weight.cols()];
    for o in 0..weight.rows() {
        weight.decode_row(o, &mut weights);
        for r in 0..out.rows() {
            let dot: f64 = x.row(r).iter().zip(&weights).map(|(&x, &w)| f64::from(x) * f64::from(w)).sum();
            let y = &mut out.row(r)[o];
            let before = if accumulate { f64::from(*y) } else { 0.0 };
            *y = to_f32(before + dot + bias.map_or(0.0, |bias| f64::from(bias[o])));
        }
    }
}
