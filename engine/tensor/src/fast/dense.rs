//! Products of few rows with weights in plain storage: each weight row is read once, from its first element to its last,
//! as a machine fetches ahead best.

use super::linear::Block;
use super::simd::{Element, vectorised};
#[cfg(not(target_arch = "wasm32"))]
use super::simd::{Lanes, load, multiply_add, sum};
use crate::View;

/// The dot product of a weight row with `x`, in `U` chains of lanes.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn dot<const L: usize, const FMA: bool, const U: usize, E: Element>(weight: &[E], x: &[f32]) -> f32 {
    let count = x.len();
    let weight = &weight[..count];
    let mut chains: [Lanes<L>; U] = [[0.0; L]; U];
    let mut at = 0;
    while at + U * L <= count {
        for (u, chain) in chains.iter_mut().enumerate() {
            *chain = multiply_add::<L, FMA>(load(&weight[at + u * L..]), load(&x[at + u * L..]), *chain);
        }
        at += U * L;
    }
    while at + L <= count {
        chains[0] = multiply_add::<L, FMA>(load(&weight[at..]), load(&x[at..]), chains[0]);
        at += L;
    }
    let rest = weight[at..].iter().zip(&x[at..]);
    let mut lanes = chains[0];
    for chain in &chains[1..] {
        lanes = std::array::from_fn(|i| lanes[i] + chain[i]);
    }
    sum(lanes) + rest.map(|(w, x)| w.decode() * x).sum::<f32>()
}

/// The same by the machine's own vectors: of lanes as arrays a browser's compiler keeps too few in registers.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn dot<const L: usize, const FMA: bool, const U: usize, E: Element>(weight: &[E], x: &[f32]) -> f32 {
    use std::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat};
    let weight = &weight[..x.len()];
    let (weights, weight_rest) = weight.as_chunks::<4>();
    let (columns, x_rest) = x.as_chunks::<4>();
    let (weight_sets, weight_last) = weights.as_chunks::<U>();
    let (column_sets, columns_last) = columns.as_chunks::<U>();
    let mut chains = [f32x4_splat(0.0); U];
    for (weights, columns) in weight_sets.iter().zip(column_sets) {
        for u in 0..U {
            let product = f32x4_mul(E::four(&weights[u]), f32::four(&columns[u]));
            chains[u] = f32x4_add(chains[u], product);
        }
    }
    for (weight, column) in weight_last.iter().zip(columns_last) {
        chains[0] = f32x4_add(chains[0], f32x4_mul(E::four(weight), f32::four(column)));
    }
    let mut lanes = chains[0];
    for chain in &chains[1..] {
        lanes = f32x4_add(lanes, *chain);
    }
    let halves = [
        f32x4_extract_lane::<0>(lanes) + f32x4_extract_lane::<2>(lanes),
        f32x4_extract_lane::<1>(lanes) + f32x4_extract_lane::<3>(lanes),
    ];
    let rest = weight_rest.iter().zip(x_rest).map(|(w, x)| w.decode() * x);
    halves[0] + halves[1] + rest.sum::<f32>()
}

#[inline(always)]
fn few_body<const L: usize, const FMA: bool, E: Element>(
    x: View<'_>,
    weight: View<'_, E>,
    block: Block<'_>,
    out: &mut [f32],
) {
    for at in 0..block.cols {
        let row = weight.row(block.from + at);
        for r in 0..block.rows {
            let x = x.row(block.first + r);
            // Eight chains hide what a fused multiply-add takes; an addition takes less.
            let dot = if FMA { dot::<L, FMA, 8, E>(row, x) } else { dot::<L, FMA, 4, E>(row, x) };
            block.finish.put(block.from + at, dot, &mut out[r * block.stride + at]);
        }
    }
}

vectorised! {
    /// A block of the product, weight row by weight row.
    fn few = few_body<E: Element>(x: View<'_>, weight: View<'_, E>, block: Block<'_>, out: &mut [f32])
}
