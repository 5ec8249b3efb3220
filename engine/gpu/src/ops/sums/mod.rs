use frugal_tensor::{BackendError, TensorId};

use super::GROUP;
use super::train::Operands;
use crate::calls::{Bound, Extent, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const COLUMN_SUMS: Source = Source { name: "column_sums", text: include_str!("column_sums.wgsl") };

const SUM_SQUARES: Source = Source { name: "sum_squares", text: include_str!("sum_squares.wgsl") };

const SUM_PARTS: Source = Source { name: "sum_parts", text: include_str!("sum_parts.wgsl") };

const CLIP_FACTOR: Source = Source { name: "clip_factor", text: include_str!("clip_factor.wgsl") };

/// Shares of a sum over a whole matrix: a number of its own, so that every device adds in the same order.
const SHARES: u32 = 1024;

const ONE: [Extent; 2] = [Extent::ONE, Extent::ONE];

pub(super) fn columns(recorder: &mut Recorder<'_>, x: TensorId, out: TensorId) -> Result<(), BackendError> {
    let cols = recorder.get(x).cols;
    let Operands { params, bindings } = Operands::of(recorder, [x], out)?;
    let grid = [Extent::of(cols, GROUP), Extent::ONE];
    recorder.push(Kernel::new(&COLUMN_SUMS), params.word(small(cols)?), grid, bindings);
    Ok(())
}

pub(super) fn squares(recorder: &mut Recorder<'_>, x: TensorId, out: TensorId) -> Result<(), BackendError> {
    let parts = Bound::Scratch { bytes: 4 * SHARES as usize };
    let read = Operands::default().and(recorder, x, Access::Read)?.bind(parts, Access::Write);
    let params = read.params.word(small(recorder.get(x).cols)?).word(SHARES);
    let grid = [Extent::of(SHARES as usize, GROUP), Extent::ONE];
    recorder.push(Kernel::new(&SUM_SQUARES), params, grid, read.bindings);
    let written = Operands::default().and(recorder, out, Access::Write)?.bind(parts, Access::Read);
    recorder.push(Kernel::new(&SUM_PARTS), written.params.word(SHARES), ONE, written.bindings);
    Ok(())
}

pub(super) fn clip_factor(
    recorder: &mut Recorder<'_>,
    squares: TensorId,
    limit: f32,
    out: TensorId,
) -> Result<(), BackendError> {
    let Operands { params, bindings } = Operands::of(recorder, [squares], out)?;
    // No norm is larger than the largest number, and kernels compute with numbers only.
    recorder.push(Kernel::new(&CLIP_FACTOR), params.float(limit.min(f32::MAX)), ONE, bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    [&COLUMN_SUMS, &SUM_SQUARES, &SUM_PARTS, &CLIP_FACTOR].map(Kernel::new).to_vec()
}
