//! Products of few rows with weights in plain storage: each weight row is read once, from its first element to its last,
//! as a machine fetches ahead best.

use super::linear::Block;
use super::simd::{Element, Lanes, load, multiply_add, sum, vectorised};
use crate::View;

/// The dot product of a weight row with `x`, in `U` chains of lanes.
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
            // Eight chains hide what a fused multiply-add takes; without one, two are as fast and end sooner.
            let dot = if FMA { dot::<L, FMA, 8, E>(row, x) } else { dot::<L, FMA, 2, E>(row, x) };
            block.finish.put(block.from + at, dot, &mut out[r * block.stride + at]);
        }
    }
}

vectorised! {
    /// A block of the product, weight row by weight row.
    fn few = few_body<E: Element>(x: View<'_>, weight: View<'_, E>, block: Block<'_>, out: &mut [f32])
}
