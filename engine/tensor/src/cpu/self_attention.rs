use super::to_f32;
use crate::{View, ViewMut};

/// Sizes of [`self_attention`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequences {
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`.
    pub kv_heads: usize,
    /// Rows of one sequence.
    pub time: usize,
    /// Factor on each score.
    pub scale: f32,
    /// When set, a row sees at most so many positions, its own included.
    pub window: Option<u32>,
}

impl Sequences {
    /// Elements of a head, in rows of `cols` queries, keys and values.
    pub fn head_dim(&self, cols: usize) -> usize {
        cols / (self.heads + 2 * self.kv_heads)
    }

    /// First position that position `t` of a sequence sees.
    pub fn first_seen(&self, t: usize) -> usize {
        self.window.map_or(0, |window| (t + 1).saturating_sub(window as usize))
    }
}

/// Columns of the query, key and value of a head.
fn columns(sizes: &Sequences, head: usize, dim: usize) -> [usize; 3] {
    let key = (sizes.heads + head * sizes.kv_heads / sizes.heads) * dim;
    [head * dim, key, key + sizes.kv_heads * dim]
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// Probabilities of one query over the positions that it sees, from the first on.
fn probabilities(projected: View<'_>, sizes: &Sequences, head: usize, row: usize, dim: usize) -> Vec<f64> {
    let [query, key, _] = columns(sizes, head, dim);
    let (start, t) = (row / sizes.time * sizes.time, row % sizes.time);
    let q = &projected.row(row)[query..query + dim];
    let score = |at: usize| dot(q, &projected.row(start + at)[key..key + dim]) * f64::from(sizes.scale);
    let scores: Vec<f64> = (sizes.first_seen(t)..=t).map(score).collect();
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
    scores.iter().map(|score| (score - largest).exp() / total).collect()
}

/// Causal attention of whole sequences, each of `time` rows: `out[t,h] = Σ_{u ≤ t} p_tu · v_u`,
/// `p_t = softmax(scale · q_t · k_u)` (Vaswani et al. 2017). Head `h` reads key head `h · kv_heads / heads`.
///
/// # Shapes and units
/// `projected`: `[sequences · time, (heads + 2 · kv_heads) · d]`, `out`: `[sequences · time, heads · d]`.
pub fn self_attention(projected: View<'_>, sizes: &Sequences, mut out: ViewMut<'_>) {
    let dim = sizes.head_dim(projected.cols());
    for row in 0..out.rows() {
        let (start, t) = (row / sizes.time * sizes.time, row % sizes.time);
        for head in 0..sizes.heads {
            let [_, _, value] = columns(sizes, head, dim);
            let p = probabilities(projected, sizes, head, row, dim);
            for c in 0..dim {
                let seen = (sizes.first_seen(t)..).zip(&p);
                let sum: f64 = seen.map(|(u, p)| p * f64::from(projected.row(start + u)[value + c])).sum();
                out.row(row)[head * dim + c] = to_f32(sum);
            }
        }
    }
}

/// Gradient of [`self_attention`] by queries, keys and values.
///
/// `dv_u = Σ_t p_tu · dy_t`; with `g_tu = p_tu · (dy_t · v_u - Σ_w p_tw · dy_t · v_w) · scale`: `dq_t = Σ_u g_tu · k_u`,
/// `dk_u = Σ_t g_tu · q_t`; keys and values sum over the heads that share them.
///
/// # Shapes and units
/// `projected`, `out`: as there, `dy`: as its `out`.
pub fn self_attention_grad(projected: View<'_>, dy: View<'_>, sizes: &Sequences, mut out: ViewMut<'_>) {
    let cols = projected.cols();
    let dim = sizes.head_dim(cols);
    for start in (0..out.rows()).step_by(sizes.time) {
        let mut sums = vec![0.0_f64; sizes.time * cols];
        for (head, t) in (0..sizes.heads).flat_map(|head| (0..sizes.time).map(move |t| (head, t))) {
            let [query, key, value] = columns(sizes, head, dim);
            let p = probabilities(projected, sizes, head, start + t, dim);
            let first = sizes.first_seen(t);
            let d = &dy.row(start + t)[head * dim..(head + 1) * dim];
            let through: Vec<f64> =
                (0..p.len()).map(|u| dot(d, &projected.row(start + first + u)[value..value + dim])).collect();
            let mean: f64 = p.iter().zip(&through).map(|(p, through)| p * through).sum();
            for (u, (p, through)) in p.iter().zip(&through).enumerate() {
                let score = p * (through - mean) * f64::from(sizes.scale);
                let seen = first + u;
                for c in 0..dim {
                    let element = |row: usize, column: usize| f64::from(projected.row(start + row)[column + c]);
                    sums[t * cols + query + c] += score * element(seen, key);
                    sums[seen * cols + key + c] += score * element(t, query);
                    sums[seen * cols + value + c] += p * f64::from(d[c]);
                }
            }
        }
        for (t, sums) in sums.chunks_exact(cols).enumerate() {
            out.row(start + t).iter_mut().zip(sums).for_each(|(y, sum)| *y = to_f32(*sum));
        }
    }
}
