use frugal_tensor::{Activation, BackendError, TensorId};

use super::train::Operands;
use super::{GROUP, activate};
use crate::calls::{Extent, Recorder, small};
use crate::kernels::{Kernel, Source};

const ACTIVATE_GRAD: Source = Source { name: "activate_grad", text: include_str!("activate_grad.wgsl") };

/// `[x, dy, out]`.
pub(super) fn record(
    recorder: &mut Recorder<'_>,
    [x, dy, out]: [TensorId; 3],
    activation: Activation,
    gated: bool,
) -> Result<(), BackendError> {
    let Operands { params, bindings } = Operands::of(recorder, [x, dy], out)?;
    let cols = recorder.get(dy).cols;
    let params = params.word(small(cols)?).word(activate::kind(activation)).flag(gated);
    let grid = [Extent::of(cols, GROUP), Extent::rows(recorder.get(out), 1)];
    recorder.push(Kernel::new(&ACTIVATE_GRAD), params, grid, bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&ACTIVATE_GRAD)]
}
