//! Operators as kernels, a folder each: when which WGSL file runs, and how it is fed.

mod activate;
mod activate_grad;
mod argmax;
mod attention;
mod cache_write;
mod fuse;
mod gather;
mod linear;
mod log_prob;
mod matmul;
mod norm;
mod norm_grad;
mod optimiser;
mod rope;
mod scale;
mod scatter_add;
mod self_attention;
mod sums;
mod train;
mod weight;

use frugal_tensor::{BackendError, Op};

use crate::calls::Recorder;
#[cfg(test)]
use crate::kernels::Kernel;

/// Invocations of a workgroup in kernels that share nothing.
pub(crate) const GROUP: u32 = 64;

/// Operators that check indices, by the number under which kernels report them.
pub(crate) const CHECKED: [&str; 7] =
    ["gather", "rope", "cache_write", "attention", "scatter_add", "rope_grad", "log_prob"];

/// The number of an operator that checks indices.
fn number(op: &str) -> u32 {
    (0..).zip(CHECKED).find(|(_, name)| *name == op).map_or(u32::MAX, |(number, _)| number)
}

/// Appends the calls of a plan's operators.
pub(crate) fn record_all(ops: &[Op], recorder: &mut Recorder<'_>) -> Result<(), BackendError> {
    let mut at = 0;
    while at < ops.len() {
        let taken = fuse::record(recorder, &ops[at..])?;
        if taken == 0 {
            record(&ops[at], recorder)?;
        }
        at += taken.max(1);
    }
    Ok(())
}

/// Appends the calls of one operator.
fn record(op: &Op, recorder: &mut Recorder<'_>) -> Result<(), BackendError> {
    match *op {
        Op::Gather { table, rows, out, accumulate } => gather::record(recorder, table, rows, out, accumulate),
        Op::RmsNorm { x, gain, eps, out } => norm::rms(recorder, x, gain, eps, out),
        Op::LayerNorm { x, gain, bias, eps, out } => norm::layer(recorder, x, gain, bias, eps, out),
        Op::Linear { x, weight, bias, out, accumulate } => {
            linear::record(recorder, &linear::Linear { x, weight, bias, out, accumulate })
        }
        Op::Rope { x, positions, table, head_dim, layout } => {
            rope::record(recorder, x, positions, table, head_dim, layout, false)
        }
        Op::CacheWrite { x, positions, slots, cache, context } => {
            cache_write::record(recorder, x, positions, slots, cache, context)
        }
        Op::Attention(ref attention) => attention::record(recorder, attention),
        Op::Activate { x, activation, out } => activate::record(recorder, x, activation, out, false),
        Op::Gated { x, activation, out } => activate::record(recorder, x, activation, out, true),
        Op::Argmax { x, out } => argmax::record(recorder, x, out),
        Op::Train(ref op) => train::record(op, recorder),
    }
}

/// Every kernel with every snippet that can fill it.
#[cfg(test)]
pub(crate) fn all() -> Vec<Kernel> {
    [
        activate::all(),
        activate_grad::all(),
        argmax::all(),
        attention::all(),
        cache_write::all(),
        gather::all(),
        linear::all(),
        log_prob::all(),
        matmul::all(),
        norm::all(),
        norm_grad::all(),
        optimiser::all(),
        rope::all(),
        scale::all(),
        scatter_add::all(),
        self_attention::all(),
        sums::all(),
    ]
    .concat()
}
