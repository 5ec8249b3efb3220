//! Rows as wide as a vocabulary.

use super::simd::{exp, vectorised};
use crate::STATISTICS;

/// The logarithm of the sum of exponentials, and the mean of the logits under their distribution.
#[inline(always)]
fn spread_body<const L: usize, const FMA: bool>(row: &[f32]) -> (f64, f64) {
    let mut lanes = [f32::NEG_INFINITY; L];
    let whole = row.len() - row.len() % L;
    for piece in row[..whole].chunks_exact(L) {
        for i in 0..L {
            lanes[i] = if piece[i] > lanes[i] { piece[i] } else { lanes[i] };
        }
    }
    let largest = lanes.into_iter().chain(row[whole..].iter().copied()).fold(f32::NEG_INFINITY, f32::max);
    let (mut total, mut first) = (0.0_f64, 0.0_f64);
    // Pieces keep f32 sums short.
    for piece in row.chunks(L * 64) {
        let (mut sums, mut firsts) = ([0.0_f32; L], [0.0_f32; L]);
        let whole = piece.len() - piece.len() % L;
        for piece in piece[..whole].chunks_exact(L) {
            for i in 0..L {
                let below = piece[i] - largest;
                let e = exp(below);
                sums[i] += e;
                firsts[i] += e * below.max(-1e4);
            }
        }
        total += sums.iter().map(|sum| f64::from(*sum)).sum::<f64>();
        first += firsts.iter().map(|sum| f64::from(*sum)).sum::<f64>();
        for z in &piece[whole..] {
            let e = exp(z - largest);
            total += f64::from(e);
            first += f64::from(e * (z - largest).max(-1e4));
        }
    }
    (f64::from(largest) + total.ln(), f64::from(largest) + first / total)
}

/// `KL(q ‖ p)` and `KL(p ‖ q)`.
#[inline(always)]
fn divergences_body<const L: usize, const FMA: bool>(p: &[f32], p_total: f32, q: &[f32], q_total: f32) -> (f64, f64) {
    let (mut forward, mut reverse) = (0.0_f64, 0.0_f64);
    for (p, q) in p.chunks(L * 64).zip(q.chunks(L * 64)) {
        let (mut forwards, mut reverses) = ([0.0_f32; L], [0.0_f32; L]);
        let whole = p.len() - p.len() % L;
        for (p, q) in p[..whole].chunks_exact(L).zip(q[..whole].chunks_exact(L)) {
            for i in 0..L {
                let (log_p, log_q) = (p[i] - p_total, q[i] - q_total);
                forwards[i] += exp(log_q) * (log_q - log_p);
                reverses[i] += exp(log_p) * (log_p - log_q);
            }
        }
        forward += forwards.iter().map(|sum| f64::from(*sum)).sum::<f64>();
        reverse += reverses.iter().map(|sum| f64::from(*sum)).sum::<f64>();
        for (p, q) in p[whole..].iter().zip(&q[whole..]) {
            let (log_p, log_q) = (p - p_total, q - q_total);
            forward += f64::from(exp(log_q) * (log_q - log_p));
            reverse += f64::from(exp(log_p) * (log_p - log_q));
        }
    }
    (forward, reverse)
}

/// `z = -by · p`.
#[inline(always)]
fn likelihood_body<const L: usize, const FMA: bool>(z: &mut [f32], total: f32, by: f32) {
    z.iter_mut().for_each(|z| *z = -by * exp(*z - total));
}

/// `z = (forward - by) · p - forward · q + reverse · p · (log p - log q - mean)`.
#[inline(always)]
fn against_body<const L: usize, const FMA: bool>(
    z: &mut [f32],
    reference: &[f32],
    row: &[f32; STATISTICS],
    by: &[f32],
) {
    let [a, k, r] = [by[0], by[1], by[2]];
    let (p_total, q_total, mean) = (row[5], row[6], row[4]);
    for (z, q) in z.iter_mut().zip(reference) {
        let (log_p, log_q) = (*z - p_total, q - q_total);
        let p = exp(log_p);
        *z = (k - a) * p - k * exp(log_q) + r * p * (log_p - log_q - mean);
    }
}

vectorised! {
    /// The logarithm of the sum of exponentials of a row, and the row's mean under its softmax.
    fn spread = spread_body(row: &[f32]) -> (f64, f64)
}
vectorised! {
    /// Divergences of two rows from each other, given the logarithms of their sums.
    fn divergences = divergences_body(p: &[f32], p_total: f32, q: &[f32], q_total: f32) -> (f64, f64)
}
vectorised! {
    /// A row of gradients without a reference, but for the target's 1.
    fn likelihood = likelihood_body(z: &mut [f32], total: f32, by: f32)
}
vectorised! {
    /// A row of gradients with a reference, but for the target's 1.
    fn against = against_body(z: &mut [f32], reference: &[f32], row: &[f32; STATISTICS], by: &[f32])
}
