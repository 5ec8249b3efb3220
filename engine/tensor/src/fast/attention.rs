//! Attention of one row over its cache: scores, softmax, mixture, per head.

use super::simd::{Element, exp, load, multiply_add, sum, vectorised};
use crate::View;
use crate::cpu::Heads;

/// One query head over the positions `first_seen ..= position` of a slot.
#[derive(Clone, Copy)]
pub(super) struct Head<'a, E> {
    pub(super) q: &'a [f32],
    pub(super) keys: View<'a, E>,
    pub(super) values: View<'a, E>,
    /// Row of the cache, and count of rows, that it sees.
    pub(super) first: usize,
    pub(super) count: usize,
    /// First column of its head in the cache.
    pub(super) column: usize,
    pub(super) scale: f32,
}

impl<'a, E> Head<'a, E> {
    pub(super) fn new(
        q: &'a [f32],
        cache: (View<'a, E>, View<'a, E>),
        head: usize,
        slot: u32,
        position: u32,
        heads: &Heads,
    ) -> Self {
        let (position, dim) = (position as usize, q.len());
        let seen = heads.first_seen(position);
        Self {
            q,
            keys: cache.0,
            values: cache.1,
            first: slot as usize * heads.context + seen,
            count: position + 1 - seen,
            column: head * heads.kv_heads / heads.heads * dim,
            scale: heads.scale,
        }
    }
}

/// Scores of the positions, scaled: four keys share each load of the query.
#[inline(always)]
fn score<const L: usize, const FMA: bool, E: Element>(head: &Head<'_, E>, scores: &mut [f32]) {
    let dim = head.q.len();
    let last = head.count - 1;
    let mut t = 0;
    while t < head.count {
        let keys: [&[E]; 4] =
            std::array::from_fn(|i| &head.keys.row(head.first + (t + i).min(last))[head.column..][..dim]);
        let mut lanes = [[0.0; L]; 4];
        let mut at = 0;
        while at + L <= dim {
            let q = load(&head.q[at..]);
            for i in 0..4 {
                lanes[i] = multiply_add::<L, FMA>(q, load(&keys[i][at..]), lanes[i]);
            }
            at += L;
        }
        for i in 0..4.min(head.count - t) {
            let mut score = sum(lanes[i]);
            for (q, k) in head.q[at..].iter().zip(&keys[i][at..]) {
                score += q * k.decode();
            }
            scores[t + i] = score * head.scale;
        }
        t += 4;
    }
}

/// Softmax in place, but for the division: gives what to multiply with.
#[inline(always)]
fn soften<const L: usize>(scores: &mut [f32]) -> f32 {
    let whole = scores.len() - scores.len() % L;
    let mut tops = [f32::NEG_INFINITY; L];
    for chunk in scores[..whole].chunks_exact(L) {
        for i in 0..L {
            tops[i] = if chunk[i] > tops[i] { chunk[i] } else { tops[i] };
        }
    }
    let mut largest = f32::NEG_INFINITY;
    for top in tops.iter().chain(&scores[whole..]) {
        largest = largest.max(*top);
    }
    for score in scores.iter_mut() {
        *score = exp(*score - largest);
    }
    // Few terms of one sign, the largest of them 1.
    let mut totals = [0.0; L];
    for chunk in scores[..whole].chunks_exact(L) {
        for i in 0..L {
            totals[i] += chunk[i];
        }
    }
    (sum(totals) + scores[whole..].iter().sum::<f32>()).recip()
}

/// The mixture of the values in `C` vectors of columns, which stay in registers.
#[inline(always)]
fn columns<const L: usize, const FMA: bool, const C: usize, E: Element>(
    head: &Head<'_, E>,
    weights: &[f32],
    inverse: f32,
    at: usize,
    out: &mut [f32],
) {
    let mut sums = [[0.0; L]; C];
    for (t, weight) in weights.iter().enumerate() {
        let value = &head.values.row(head.first + t)[head.column + at..][..C * L];
        for c in 0..C {
            sums[c] = multiply_add::<L, FMA>([*weight; L], load(&value[c * L..]), sums[c]);
        }
    }
    for c in 0..C {
        for i in 0..L {
            out[at + c * L + i] = sums[c][i] * inverse;
        }
    }
}

#[inline(always)]
fn head_body<const L: usize, const FMA: bool, E: Element>(head: Head<'_, E>, scores: &mut Vec<f32>, out: &mut [f32]) {
    scores.resize(head.count, 0.0);
    score::<L, FMA, E>(&head, scores);
    let inverse = soften::<L>(scores);
    let dim = head.q.len();
    let mut at = 0;
    while at + 4 * L <= dim {
        columns::<L, FMA, 4, E>(&head, scores, inverse, at, out);
        at += 4 * L;
    }
    while at + 2 * L <= dim {
        columns::<L, FMA, 2, E>(&head, scores, inverse, at, out);
        at += 2 * L;
    }
    while at + L <= dim {
        columns::<L, FMA, 1, E>(&head, scores, inverse, at, out);
        at += L;
    }
    for (c, out) in out.iter_mut().enumerate().skip(at) {
        let mut mixed = 0.0;
        for (t, weight) in scores.iter().enumerate() {
            mixed += weight * head.values.row(head.first + t)[head.column + c].decode();
        }
        *out = mixed * inverse;
    }
}

vectorised! {
    /// Mixes the values of one head.
    fn mix = head_body<E: Element>(head: Head<'_, E>, scores: &mut Vec<f32>, out: &mut [f32])
}
