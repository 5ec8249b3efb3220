use frugal_tensor::{BackendError, SelfAttention, TensorId};

use super::train::{Operands, lanes};
use crate::calls::{Bound, Extent, Params, Recorder, small};
use crate::kernels::{Access, Source};

const SELF_ATTENTION: Source = Source { name: "self_attention", text: include_str!("self_attention.wgsl") };

const GRAD_QUERIES: Source = Source { name: "grad_queries", text: include_str!("grad_queries.wgsl") };

const GRAD_KEYS: Source = Source { name: "grad_keys", text: include_str!("grad_keys.wgsl") };

fn sizes(recorder: &Recorder<'_>, of: &SelfAttention, params: Params) -> Result<Params, BackendError> {
    let head_dim = recorder.get(of.projected).cols / (of.heads + 2 * of.kv_heads);
    let params = params.word(small(of.heads)?).word(small(of.kv_heads)?).word(small(head_dim)?).word(small(of.time)?);
    Ok(params.float(of.scale).word(of.window.unwrap_or(0)))
}

pub(super) fn forward(recorder: &mut Recorder<'_>, of: &SelfAttention, out: TensorId) -> Result<(), BackendError> {
    let Operands { params, bindings } = Operands::of(recorder, [of.projected], out)?;
    let params = sizes(recorder, of, params)?;
    let count = Extent::of(recorder.get(out).rows * of.heads, 1);
    let (kernel, grid) = lanes(recorder.kernels, &SELF_ATTENTION, count);
    recorder.push(kernel, params, grid, bindings);
    Ok(())
}

/// Probabilities are computed again; two numbers of each head of each row go from the first kernel to the second.
pub(super) fn grad(
    recorder: &mut Recorder<'_>,
    of: &SelfAttention,
    dy: TensorId,
    out: TensorId,
) -> Result<(), BackendError> {
    let rows = recorder.get(dy).rows;
    let kept = Bound::Scratch { bytes: rows * of.heads * 8 };
    for (source, heads, access) in [(&GRAD_QUERIES, of.heads, Access::Write), (&GRAD_KEYS, of.kv_heads, Access::Read)] {
        let Operands { params, bindings } = Operands::of(recorder, [of.projected, dy], out)?.bind(kept, access);
        let params = sizes(recorder, of, params)?;
        let (kernel, grid) = lanes(recorder.kernels, source, Extent::of(rows * heads, 1));
        recorder.push(kernel, params, grid, bindings);
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<crate::kernels::Kernel> {
    super::train::both(&[&SELF_ATTENTION, &GRAD_QUERIES, &GRAD_KEYS])
}
