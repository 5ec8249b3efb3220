use super::to_f32;
use crate::{RopeLayout, View, ViewMut};

/// Rotary positions, in place (Su et al. 2021, RoFormer).
///
/// In each head the pair `(a, b)` number `i` becomes `(a·cos - b·sin, b·cos + a·sin)`, where cosine and sine stand in
/// columns `i` and `half + i` of `table[position]`. Pairs are elements `(i, half + i)` or `(2i, 2i + 1)`, by `layout`,
/// with `half` pairs a head; elements from `2 · half` on stay.
///
/// # Shapes and units
/// `x`: `[rows, heads · head_dim]`, `positions`: `[rows]`, `table`: `[context, 2 · half]`, `2 · half <= head_dim`.
pub fn rope(x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
    turn(x, positions, table, head_dim, layout, 1.0);
}

/// [`rope`] by the opposite angles, in place: a turn's inverse is its transpose, and so its gradient. Shapes as there.
pub fn rope_grad(x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout) {
    turn(x, positions, table, head_dim, layout, -1.0);
}

fn turn(mut x: ViewMut<'_>, positions: &[u32], table: View<'_>, head_dim: usize, layout: RopeLayout, direction: f64) {
    let half = table.cols() / 2;
    for (r, position) in positions.iter().enumerate().take(x.rows()) {
        let (cos, sin) = table.row(*position as usize).split_at(half);
        for head in x.row(r).chunks_exact_mut(head_dim) {
            for i in 0..half {
                let (first, second) = match layout {
                    RopeLayout::Half => (i, half + i),
                    RopeLayout::Interleaved => (2 * i, 2 * i + 1),
                };
                let (a, b) = (f64::from(head[first]), f64::from(head[second]));
                let (cos, sin) = (f64::from(cos[i]), direction * f64::from(sin[i]));
                head[first] = to_f32(a * cos - b * sin);
                head[second] = to_f32(b * cos + a * sin);
            }
        }
    }
}
