//! Operators in the rows in which decoders use them: a backend may compute each row in one go.

use super::Case;
use super::cases::{Kind, Recorder};
use crate::quant::{Bits, Scheme};
use crate::{Activation, DType, Op, RopeLayout};

/// Every case.
pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for kind in [
        Kind::F32,
        Kind::F16,
        Kind::Bf16,
        Kind::Quant(Scheme::Q4_0),
        Kind::Quant(Scheme::Q8_0),
        Kind::Quant(Scheme::asymmetric(Bits::Four, 32, true)),
        Kind::Quant(Scheme::asymmetric(Bits::Eight, 32, false)),
    ] {
        for norm in [None, Some(Norm::Rms), Some(Norm::Layer), Some(Norm::Shifted)] {
            for then in [None, Some(Then::Gated), Some(Then::Activated)] {
                for biased in [false, true] {
                    all.push(product(kind, norm, then, biased, 128));
                }
            }
        }
    }
    all.push(product(Kind::F32, Some(Norm::Rms), Some(Then::Gated), false, 33));
    for layout in [None, Some(RopeLayout::Half), Some(RopeLayout::Interleaved)] {
        for (head_dim, rotary) in [(8, 8), (6, 4), (2, 2)] {
            for dtype in [Kind::F32, Kind::F16] {
                all.push(cached(layout, head_dim, rotary, dtype));
            }
        }
    }
    all
}

#[derive(Debug, Clone, Copy)]
enum Norm {
    Rms,
    Layer,
    Shifted,
}

#[derive(Debug, Clone, Copy)]
enum Then {
    Gated,
    Activated,
}

/// A norm, a product and an activation, with as many of the three as there are; two of three rows live.
fn product(kind: Kind, norm: Option<Norm>, then: Option<Then>, biased: bool, cols: usize) -> Case {
    let outs = 22;
    let mut recorder =
        Recorder::new(format!("{norm:?}, linear {kind:?}, {cols} columns, bias {biased}, then {then:?}"));
    let mut ops = Vec::new();
    let mut x = recorder.floats(3, cols);
    let mut live = vec![x];
    if let Some(norm) = norm {
        let (gain, shift) = (recorder.floats(1, cols), recorder.floats(1, cols));
        let out = recorder.poisoned(3, cols, DType::F32);
        let bias = matches!(norm, Norm::Shifted).then_some(shift);
        ops.push(match norm {
            Norm::Rms => Op::RmsNorm { x, gain, eps: 1e-5, out },
            Norm::Layer | Norm::Shifted => Op::LayerNorm { x, gain, bias, eps: 1e-5, out },
        });
        x = out;
        live.push(out);
    }
    let (weight, bias) = (recorder.weight(outs, cols, kind), recorder.floats(1, outs));
    let wide = recorder.poisoned(3, outs, DType::F32);
    let bias = biased.then_some(bias);
    ops.push(Op::Linear { x, weight, bias, out: wide, accumulate: false });
    live.push(wide);
    let inner = recorder.poisoned(3, if matches!(then, Some(Then::Gated)) { outs / 2 } else { outs }, DType::F32);
    live.push(inner);
    match then {
        Some(Then::Gated) => ops.push(Op::Gated { x: wide, activation: Activation::Silu, out: inner }),
        Some(Then::Activated) => ops.push(Op::Activate { x: wide, activation: Activation::GeluTanh, out: inner }),
        None => {}
    }
    recorder.live(2, &live);
    // A product with codes may round its input to 16 bits, 2e-10 of the square of uniform values; gate times up adds up
    // two such errors where a product is small.
    let nmse_max = if matches!((kind, then), (Kind::Quant(_), Some(Then::Gated))) { 5e-9 } else { 1e-9 };
    recorder.ops(ops, nmse_max)
}

/// Rotary positions on queries and keys, then keys and values into their caches; three heads on one, two of three rows live.
fn cached(layout: Option<RopeLayout>, head_dim: usize, rotary: usize, kind: Kind) -> Case {
    let (context, wide) = (4, 3 * head_dim);
    let mut recorder = Recorder::new(format!("{layout:?}, {rotary} of {head_dim}, then caches {kind:?}"));
    let projected = recorder.floats(3, wide + 2 * head_dim);
    let (positions, slots) = (recorder.indices(&[3, 0, 1]), recorder.indices(&[0, 1, 1]));
    let table = recorder.floats(context, rotary);
    let keys = recorder.weight(2 * context, head_dim, kind);
    let values = recorder.weight(2 * context, head_dim, kind);
    let turned = recorder.columns(projected, 0, wide + head_dim);
    let key = recorder.columns(projected, wide, head_dim);
    let value = recorder.columns(projected, wide + head_dim, head_dim);
    recorder.live(2, &[projected, positions, slots, turned, key, value]);
    let mut ops = Vec::new();
    if let Some(layout) = layout {
        ops.push(Op::Rope { x: turned, positions, table, head_dim, layout });
    }
    for (x, cache) in [(key, keys), (value, values)] {
        ops.push(Op::CacheWrite { x, positions, slots, cache, context });
    }
    // What turns may round otherwise, and a half then differs in its last bit.
    recorder.ops(ops, if layout.is_some() { 1e-7 } else { 0.0 })
}
