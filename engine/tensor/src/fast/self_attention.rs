//! Attention of whole sequences and its gradient: a block of queries against all keys that one of them sees.

use super::gemm::{Product, Side};
use super::simd::{exp, load, multiply_add, sum, vectorised};
use super::spread::each_block;
use crate::cpu::Sequences;
use crate::{View, ViewMut};

/// Queries that are taken together.
const QUERIES: usize = 64;

/// Scores become probabilities over `first..count`; all else becomes 0.
#[inline(always)]
fn softmax_body<const L: usize, const FMA: bool>(row: &mut [f32], first: usize, count: usize, scale: f32) {
    row[..first].fill(0.0);
    row[count..].fill(0.0);
    let seen = &mut row[first..count];
    let largest = seen.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    seen.iter_mut().for_each(|score| *score = exp((*score - largest) * scale));
    let mut lanes = [0.0; L];
    let mut at = 0;
    while at + L <= seen.len() {
        lanes = multiply_add::<L, FMA>(load(&seen[at..]), [1.0; L], lanes);
        at += L;
    }
    let inverse = (sum(lanes) + seen[at..].iter().sum::<f32>()).recip();
    seen.iter_mut().for_each(|p| *p *= inverse);
}

/// `d = p · (d - Σ p · d) · scale`.
#[inline(always)]
fn through_body<const L: usize, const FMA: bool>(p: &[f32], d: &mut [f32], scale: f32) {
    let mut lanes = [0.0; L];
    let mut at = 0;
    while at + L <= p.len() {
        lanes = multiply_add::<L, FMA>(load(&p[at..]), load(&d[at..]), lanes);
        at += L;
    }
    let mean = sum(lanes) + p[at..].iter().zip(&d[at..]).map(|(p, d)| p * d).sum::<f32>();
    d.iter_mut().zip(p).for_each(|(d, p)| *d = p * (*d - mean) * scale);
}

vectorised! {
    /// Softmax of scaled scores.
    fn softmax = softmax_body(row: &mut [f32], first: usize, count: usize, scale: f32)
}
vectorised! {
    /// The gradient of a softmax.
    fn through = through_body(p: &[f32], d: &mut [f32], scale: f32)
}

/// One head of one sequence.
struct Head<'a> {
    query: View<'a>,
    key: View<'a>,
    value: View<'a>,
    /// Columns of the three among those of queries, keys and values.
    columns: [usize; 3],
    dim: usize,
}

impl<'a> Head<'a> {
    fn new(sequence: View<'a>, sizes: &Sequences, head: usize) -> Self {
        let dim = sizes.head_dim(sequence.cols());
        let key = (sizes.heads + head * sizes.kv_heads / sizes.heads) * dim;
        let columns = [head * dim, key, key + sizes.kv_heads * dim];
        let [query, key, value] = columns.map(|from| sequence.columns(from, dim));
        Self { query, key, value, columns, dim }
    }

    /// Probabilities of `count` queries from `from` on over the first `seen` positions.
    fn probabilities(&self, sizes: &Sequences, from: usize, count: usize, p: &mut [f32]) {
        let seen = from + count;
        let (left, right) = (Side::of(self.query.rows_from(from, count)), Side::of(self.key).turned());
        Product { rows: count, depth: self.dim, cols: seen, left, right, accumulate: false }.run(p, seen);
        for (at, row) in p[..count * seen].chunks_exact_mut(seen).enumerate() {
            let t = from + at;
            softmax(row, sizes.first_seen(t), t + 1, sizes.scale);
        }
    }
}

fn steps(time: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..time).step_by(QUERIES).map(move |from| (from, QUERIES.min(time - from)))
}

pub(super) fn self_attention(projected: View<'_>, sizes: &Sequences, out: ViewMut<'_>) {
    let time = sizes.time;
    each_block(out, time, |sequence, out, stride| {
        let sequence = projected.rows_from(sequence * time, time);
        let mut p = vec![0.0; QUERIES.min(time) * time];
        for h in 0..sizes.heads {
            let head = Head::new(sequence, sizes, h);
            for (from, count) in steps(time) {
                head.probabilities(sizes, from, count, &mut p);
                let seen = from + count;
                let left = Side::of(View::dense(&p[..count * seen], count, seen));
                let product = Product {
                    rows: count,
                    depth: seen,
                    cols: head.dim,
                    left,
                    right: Side::of(head.value),
                    accumulate: false,
                };
                product.run(&mut out[from * stride + h * head.dim..], stride);
            }
        }
    });
}

pub(super) fn self_attention_grad(projected: View<'_>, dy: View<'_>, sizes: &Sequences, out: ViewMut<'_>) {
    let (time, cols) = (sizes.time, projected.cols());
    each_block(out, time, |at, out, stride| {
        out.chunks_mut(stride).for_each(|row| row[..cols].fill(0.0));
        let (sequence, dy) = (projected.rows_from(at * time, time), dy.rows_from(at * time, time));
        let mut p = vec![0.0; QUERIES.min(time) * time];
        let mut d = p.clone();
        for h in 0..sizes.heads {
            let head = Head::new(sequence, sizes, h);
            let dim = head.dim;
            for (from, count) in steps(time) {
                let seen = from + count;
                head.probabilities(sizes, from, count, &mut p);
                let p = &p[..count * seen];
                let dy = Side::of(dy.columns(h * dim, dim).rows_from(from, count));
                let right = Side::of(head.value).turned();
                Product { rows: count, depth: dim, cols: seen, left: dy, right, accumulate: false }.run(&mut d, seen);
                for (p, d) in p.chunks_exact(seen).zip(d.chunks_exact_mut(seen)) {
                    through(p, d, sizes.scale);
                }
                let d = Side::of(View::dense(&d[..count * seen], count, seen));
                let p = Side::of(View::dense(p, count, seen));
                let [query, key, value] = head.columns;
                let queries = Side::of(head.query.rows_from(from, count));
                let to_query = Product {
                    rows: count,
                    depth: seen,
                    cols: dim,
                    left: d,
                    right: Side::of(head.key),
                    accumulate: true,
                };
                to_query.run(&mut out[from * stride + query..], stride);
                let to_key =
                    Product { rows: seen, depth: count, cols: dim, left: d.turned(), right: queries, accumulate: true };
                to_key.run(&mut out[key..], stride);
                let to_value =
                    Product { rows: seen, depth: count, cols: dim, left: p.turned(), right: dy, accumulate: true };
                to_value.run(&mut out[value..], stride);
            }
        }
    });
}
