use super::to_f32;
use crate::{Stored, View, ViewMut};

/// Head counts and the rest that attention needs beside its tensors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`. 1 is multi-query, `heads` is multi-head.
    pub kv_heads: usize,
    /// Positions per slot of the cache.
    pub context: usize,
    /// Factor on each score, usually `1/√head_dim`.
    pub scale: f32,
    /// When set, a row sees at most so many positions, its own included.
    pub window: Option<u32>,
}

impl Heads {
    /// First position that a row at `position` sees.
    pub fn first_seen(&self, position: usize) -> usize {
        self.window.map_or(0, |window| (position + 1).saturating_sub(window as usize))
    }
}

/// Softmax of scaled scores of one query head over the positions `first_seen ..= position` of one slot.
///
/// `w_t = exp(s_t - max s) / Σ exp(s - max s)`, `s_t = scale · q · k_t`; the maximum only guards the exponential.
pub fn attention_weights(
    q: &[f32],
    keys: Stored<'_>,
    head: usize,
    slot: u32,
    position: u32,
    heads: &Heads,
) -> Vec<f64> {
    let dim = q.len();
    let position = position as usize;
    let from = head * heads.kv_heads / heads.heads * dim;
    let mut row = vec![0.0; keys.cols()];
    let mut scores = Vec::new();
    for t in heads.first_seen(position)..=position {
        keys.decode_row(slot as usize * heads.context + t, &mut row);
        let dot: f64 = q.iter().zip(&row[from..from + dim]).map(|(&q, &k)| f64::from(q) * f64::from(k)).sum();
        scores.push(dot * f64::from(heads.scale));
    }
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - largest).exp());
    let total: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= total);
    scores
}

/// Causal attention over a cache: `out[r,h] = Σ_t w_t · v_t` (Vaswani et al. 2017; grouped as in Ainslie et al. 2023, GQA).
///
/// Query head `h` reads key and value head `h · kv_heads / heads`. A row sees its own position, which must have been
/// written before.
///
/// # Shapes and units
/// `q`, `out`: `[rows, heads · d]`, `keys`, `values`: `[slots · context, kv_heads · d]`, `positions`, `slots`: `[rows]`.
pub fn attention(
    q: View<'_>,
    keys: Stored<'_>,
    values: Stored<'_>,
    positions: &[u32],
    slots: &[u32],
    heads: &Heads,
    mut out: ViewMut<'_>,
) {
    let dim = q.cols() / heads.heads;
    let mut row = vec![0.0; values.cols()];
    for r in 0..out.rows() {
        for h in 0..heads.heads {
            let query = &q.row(r)[h * dim..(h + 1) * dim];
            let weights = attention_weights(query, keys, h, slots[r], positions[r], heads);
            let from = h * heads.kv_heads / heads.heads * dim;
            let first = heads.first_seen(positions[r] as usize);
            let mut sums = vec![0.0_f64; dim];
            for (t, weight) in weights.iter().enumerate() {
                values.decode_row(slots[r] as usize * heads.context + first + t, &mut row);
                sums.iter_mut().zip(&row[from..]).for_each(|(sum, &v)| *sum += weight * f64::from(v));
            }
            let target = &mut out.row(r)[h * dim..(h + 1) * dim];
            target.iter_mut().zip(sums).for_each(|(y, sum)| *y = to_f32(sum));
        }
    }
}
