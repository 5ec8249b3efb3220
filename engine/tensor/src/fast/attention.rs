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

#[inline(always)]
fn head_body<const L: usize, const FMA: bool, E: Element>(head: Head<'_, E>, scores: &mut Vec<f32>, out: &mut [f32]) {
    let dim = head.q.len();
    let columns = head.column..head.column + dim;
    scores.clear();
    for t in 0..head.count {
        let key = &head.keys.row(head.first + t)[columns.clone()];
        let mut lanes = [0.0; L];
        let mut at = 0;
        while at + L <= dim {
            lanes = multiply_add::<L, FMA>(load(&head.q[at..]), load(&key[at..]), lanes);
            at += L;
        }
        let rest: f32 = head.q[at..].iter().zip(&key[at..]).map(|(q, k)| q * k.decode()).sum();
        scores.push((sum(lanes) + rest) * head.scale);
    }
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = exp(*score - largest));
    // Few terms of one sign, the largest of them 1.
    let total: f32 = scores.iter().sum();
    let inverse = total.recip();
    out.fill(0.0);
    for (t, weight) in scores.iter().enumerate() {
        let value = &head.values.row(head.first + t)[columns.clone()];
        let weight = weight * inverse;
        for (out, v) in out.iter_mut().zip(value) {
            *out = if FMA { v.decode().mul_add(weight, *out) } else { v.decode() * weight + *out };
        }
    }
}

vectorised! {
    /// Mixes the values of one head.
    fn mix = head_body<E: Element>(head: Head<'_, E>, scores: &mut Vec<f32>, out: &mut [f32])
}
