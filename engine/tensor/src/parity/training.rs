//! The table of training's operators.

use super::Case;
use super::cases::Recorder;
use crate::train::{COEFFICIENTS, SETTINGS, SelfAttention, Update};
use crate::{Activation, DType, NO_COLUMN, Op, Optimiser, RopeLayout, STATISTICS, TensorId, Train};

/// Every operator of [`Train`], for backends that train.
pub fn training_cases() -> Vec<Case> {
    // First: a device's own test takes the last case that meets a kernel, and nothing is no test.
    let mut all =
        Vec::from(["column_sums", "scale", "fill", "sum_squares", "scatter_add"].map(|name| plain(0, 5, name)));
    for (m, k, n) in [
        (1, 1, 1),
        (5, 7, 9),
        (6, 256, 16),
        (7, 257, 17),
        (97, 33, 31),
        (64, 15, 64),
        (63, 16, 65),
        (3, 40, 800),
        (130, 300, 70),
    ] {
        for (turned, accumulate) in [(false, false), (false, true), (true, false), (true, true)] {
            all.push(matmul(m, k, n, turned, accumulate));
        }
    }
    for (rows, cols) in [(1, 1), (3, 7), (2, 31), (63, 32), (64, 64), (65, 33), (1, 65), (130, 260)] {
        all.extend([false, true].map(|centred| norm_grad(rows, cols, centred)));
        all.extend([false, true].map(|centred| norm_gain_grad(rows, cols, centred)));
        for kind in [Activation::Silu, Activation::GeluErf, Activation::GeluTanh, Activation::Relu] {
            all.extend([false, true].map(|gated| activate_grad(rows, cols, kind, gated)));
        }
        all.extend([plain(rows, cols, "column_sums"), plain(rows, cols, "scale"), plain(rows, cols, "scale_add")]);
        all.extend([plain(rows, cols, "fill"), plain(rows, cols, "sum_squares"), plain(rows, cols, "scatter_add")]);
    }
    for layout in [RopeLayout::Half, RopeLayout::Interleaved] {
        all.extend([(8, 8), (6, 4)].map(|(head_dim, rotary)| rope_grad(layout, head_dim, rotary)));
    }
    for (time, window) in [(1, None), (5, None), (32, None), (64, Some(64)), (67, None), (130, Some(9))] {
        for (heads, kv_heads, dim) in [(1, 1, 3), (4, 2, 8), (3, 3, 17)] {
            all.extend([false, true].map(|grad| attention(time, window, (heads, kv_heads, dim), grad)));
        }
    }
    for vocabulary in [2, 31, 32, 33, 63, 64, 65, 1000, 5000] {
        all.extend([false, true].map(|reference| log_prob(vocabulary, reference)));
        all.extend([false, true].map(|reference| log_prob_grad(vocabulary, reference)));
    }
    all.extend([0.5, 100.0, f32::INFINITY].map(clip));
    for rule in [Optimiser::AdamW, Optimiser::Sgd, Optimiser::RmsProp, Optimiser::Lion] {
        for n in [1, 31, 32, 33, 65, 40_000] {
            all.extend([false, true].map(|step| update(rule, n, step)));
        }
    }
    all
}

fn matmul(m: usize, k: usize, n: usize, turned: bool, accumulate: bool) -> Case {
    let mut recorder = Recorder::new(format!("matmul {m} {k} {n}, turned {turned}, accumulate {accumulate}"));
    let left = if turned { recorder.floats(k, m) } else { recorder.floats(m, k) };
    let right = recorder.floats(k, n);
    let out = if accumulate { recorder.floats(m, n) } else { recorder.poisoned(m, n, DType::F32) };
    recorder.stride(left, 3);
    recorder.stride(out, 2);
    recorder.op(Train::MatMul { left, right, turned, out, accumulate }.into(), 1e-11)
}

fn norm_grad(rows: usize, cols: usize, centred: bool) -> Case {
    let mut recorder = Recorder::new(format!("norm_grad {rows} {cols}, centred {centred}"));
    let (x, gain, dy) = (recorder.floats(rows, cols), recorder.floats(1, cols), recorder.floats(rows, cols));
    let out = recorder.floats(rows, cols);
    let accumulate = true;
    // One column, centred, has no slope but what rounding leaves.
    recorder.op(Train::NormGrad { x, gain, dy, eps: 1e-3, centred, out, accumulate }.into(), 1e-10)
}

fn norm_gain_grad(rows: usize, cols: usize, centred: bool) -> Case {
    let mut recorder = Recorder::new(format!("norm_gain_grad {rows} {cols}, centred {centred}"));
    let (x, dy, out) = (recorder.floats(rows, cols), recorder.floats(rows, cols), recorder.floats(1, cols));
    recorder.op(Train::NormGainGrad { x, dy, eps: 1e-3, centred, out }.into(), 1e-10)
}

fn activate_grad(rows: usize, cols: usize, activation: Activation, gated: bool) -> Case {
    let mut recorder = Recorder::new(format!("activate_grad {rows} {cols} {activation:?}, gated {gated}"));
    let wide = if gated { 2 * cols } else { cols };
    let (x, dy) = (recorder.floats(rows, wide), recorder.floats(rows, cols));
    let out = recorder.poisoned(rows, wide, DType::F32);
    let op = if gated {
        Train::GatedGrad { x, dy, activation, out }
    } else {
        Train::ActivateGrad { x, dy, activation, out }
    };
    recorder.op(op.into(), 1e-10)
}

fn plain(rows: usize, cols: usize, name: &str) -> Case {
    let mut recorder = Recorder::new(format!("{name} {rows} {cols}"));
    let x = recorder.floats(rows, cols);
    let op = match name {
        "column_sums" => Train::ColumnSums { x, out: recorder.floats(1, cols) },
        "scale" => Train::Scale { x, factor: 0.3, out: recorder.poisoned(rows, cols, DType::F32), accumulate: false },
        "scale_add" => Train::Scale { x, factor: -1.5, out: recorder.floats(rows, cols), accumulate: true },
        "fill" => Train::Fill { out: recorder.poisoned(rows, cols, DType::F32), value: 2.5 },
        "sum_squares" => Train::SumSquares { x, out: recorder.floats(1, 1) },
        _ => {
            // The same row twice, where there are two.
            let indices: Vec<u32> = (0..rows).map(|row| u32::from(row % 3 == 1)).collect();
            Train::ScatterAdd { x, rows: recorder.indices(&indices), out: recorder.floats(2, cols) }
        }
    };
    recorder.op(op.into(), 1e-11)
}

fn rope_grad(layout: RopeLayout, head_dim: usize, rotary: usize) -> Case {
    let mut recorder = Recorder::new(format!("rope_grad {layout:?}, {rotary} of {head_dim}"));
    let (x, positions, table) =
        (recorder.floats(3, 2 * head_dim), recorder.indices(&[3, 0, 1]), recorder.floats(4, rotary));
    recorder.op(Train::RopeGrad { x, positions, table, head_dim, layout }.into(), 1e-12)
}

fn attention(time: usize, window: Option<u32>, sizes: (usize, usize, usize), grad: bool) -> Case {
    let (heads, kv_heads, dim) = sizes;
    let mut recorder = Recorder::new(format!("self_attention {time} {window:?} {sizes:?}, gradient {grad}"));
    let projected = recorder.floats(2 * time, (heads + 2 * kv_heads) * dim);
    let of = SelfAttention { projected, heads, kv_heads, time, scale: 0.7, window };
    if grad {
        let dy = recorder.floats(2 * time, heads * dim);
        let out = recorder.poisoned(2 * time, (heads + 2 * kv_heads) * dim, DType::F32);
        return recorder.op(Train::SelfAttentionGrad { of, dy, out }.into(), 1e-10);
    }
    let out = recorder.poisoned(2 * time, heads * dim, DType::F32);
    recorder.op(Train::SelfAttention { of, out }.into(), 1e-11)
}

fn rows_of(recorder: &mut Recorder, vocabulary: usize, reference: bool) -> (TensorId, Option<TensorId>, TensorId) {
    let logits = recorder.floats(3, vocabulary);
    let reference = reference.then(|| recorder.floats(3, vocabulary));
    let last = u32::try_from(vocabulary).unwrap_or(u32::MAX) - 1;
    (logits, reference, recorder.indices(&[last, NO_COLUMN, 0]))
}

fn log_prob(vocabulary: usize, reference: bool) -> Case {
    let mut recorder = Recorder::new(format!("log_prob {vocabulary}, reference {reference}"));
    let (logits, reference, targets) = rows_of(&mut recorder, vocabulary, reference);
    let out = recorder.poisoned(3, STATISTICS, DType::F32);
    recorder.op(Train::LogProb { logits, reference, targets, out }.into(), 1e-11)
}

fn log_prob_grad(vocabulary: usize, reference: bool) -> Case {
    let mut recorder = Recorder::new(format!("log_prob_grad {vocabulary}, reference {reference}"));
    let (logits, reference, targets) = rows_of(&mut recorder, vocabulary, reference);
    let (statistics, coefficients) = (recorder.floats(3, STATISTICS), recorder.floats(3, COEFFICIENTS));
    recorder.op(Train::LogProbGrad { logits, reference, targets, statistics, coefficients }.into(), 1e-10)
}

fn clip(limit: f32) -> Case {
    let mut recorder = Recorder::new(format!("clip_factor {limit}"));
    let (x, squares, out) = (recorder.floats(3, 40), recorder.floats(1, 1), recorder.poisoned(1, 1, DType::F32));
    let fill = Op::from(Train::Fill { out: squares, value: 0.0 });
    recorder.ops(
        vec![fill, Train::SumSquares { x, out: squares }.into(), Train::ClipFactor { squares, limit, out }.into()],
        1e-12,
    )
}

fn update(rule: Optimiser, n: usize, step: bool) -> Case {
    let name = if step { "optimiser_step" } else { "optimiser_state" };
    let mut recorder = Recorder::new(format!("{name} {rule:?} of {n}"));
    let (gradient, weight) = (recorder.floats(1, n), recorder.floats(1, n));
    let (factor, state) = (recorder.positive(1, 1), recorder.positive(rule.state_rows(), n));
    let settings = recorder.positive(1, SETTINGS);
    let update = Update { rule, gradient, factor, settings, state, weight };
    recorder.op(if step { Train::OptimiserStep(update) } else { Train::OptimiserState(update) }.into(), 1e-11)
}
