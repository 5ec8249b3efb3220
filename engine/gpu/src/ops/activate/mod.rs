use frugal_tensor::{Activation, BackendError, TensorId};

use super::GROUP;
use crate::calls::{Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const ACTIVATE: Source = Source { name: "activate", text: include_str!("activate.wgsl") };

/// As the snippet of activations numbers them.
pub(super) fn kind(activation: Activation) -> u32 {
    match activation {
        Activation::Silu => 0,
        Activation::GeluErf => 1,
        Activation::GeluTanh => 2,
        Activation::Relu => 3,
    }
}

pub(super) fn record(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    activation: Activation,
    out: TensorId,
    gated: bool,
) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (target, target_place) = recorder.whole(out)?;
    let cols = recorder.get(out).cols;
    let params = Params::default().place(source_place).place(target_place);
    let params = params.word(small(cols)?).word(kind(activation)).flag(gated);
    let grid = [Extent::of(cols, GROUP), Extent::rows(recorder.get(out), 1)];
    recorder.push(Kernel::new(&ACTIVATE), params, grid, vec![(2, Access::Read, source), (3, Access::Write, target)]);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&ACTIVATE)]
}
