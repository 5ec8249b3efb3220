use frugal_tensor::{BackendError, TensorId};

use super::GROUP;
use super::train::{Operands, lanes};
use crate::calls::{Bound, Extent, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const NORM_GRAD: Source = Source { name: "norm_grad", text: include_str!("norm_grad.wgsl") };

const NORM_MOMENTS: Source = Source { name: "norm_moments", text: include_str!("norm_moments.wgsl") };

const NORM_GAIN_GRAD: Source = Source { name: "norm_gain_grad", text: include_str!("norm_gain_grad.wgsl") };

/// What was normalised, and the gradient by what came of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Norm {
    pub(super) x: TensorId,
    pub(super) dy: TensorId,
    pub(super) eps: f32,
    /// Whether the mean was taken off.
    pub(super) centred: bool,
}

pub(super) fn by_input(
    recorder: &mut Recorder<'_>,
    norm: Norm,
    gain: TensorId,
    out: TensorId,
    accumulate: bool,
) -> Result<(), BackendError> {
    let Operands { params, bindings } = Operands::of(recorder, [norm.x, gain, norm.dy], out)?;
    let params = params.word(small(recorder.get(out).cols)?).float(norm.eps).flag(norm.centred).flag(accumulate);
    let (kernel, grid) = lanes(recorder.kernels, &NORM_GRAD, Extent::rows(recorder.get(out), 1));
    recorder.push(kernel, params, grid, bindings);
    Ok(())
}

pub(super) fn by_gain(recorder: &mut Recorder<'_>, norm: Norm, out: TensorId) -> Result<(), BackendError> {
    let x = *recorder.get(norm.x);
    let moments = Bound::Scratch { bytes: x.rows * 8 };
    let read = Operands::default().and(recorder, norm.x, Access::Read)?.bind(moments, Access::Write);
    let params = read.params.word(small(x.cols)?).float(norm.eps).flag(norm.centred);
    let (kernel, grid) = lanes(recorder.kernels, &NORM_MOMENTS, Extent::rows(&x, 1));
    recorder.push(kernel, params, grid, read.bindings);
    let summed = Operands::of(recorder, [norm.x, norm.dy], out)?.bind(moments, Access::Read);
    let grid = [Extent::of(x.cols, GROUP), Extent::ONE];
    recorder.push(Kernel::new(&NORM_GAIN_GRAD), summed.params.word(small(x.cols)?), grid, summed.bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    [super::train::both(&[&NORM_GRAD, &NORM_MOMENTS]), vec![Kernel::new(&NORM_GAIN_GRAD)]].concat()
}
