use frugal_tensor::{BackendError, TensorId};

use super::GROUP;
use super::train::Operands;
use crate::calls::{Extent, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const SCALE: Source = Source { name: "scale", text: include_str!("scale.wgsl") };

const FILL: Source = Source { name: "fill", text: include_str!("fill.wgsl") };

pub(super) fn record(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    factor: f32,
    out: TensorId,
    accumulate: bool,
) -> Result<(), BackendError> {
    let Operands { params, bindings } = Operands::of(recorder, [x], out)?;
    let params = params.word(small(recorder.get(out).cols)?).float(factor).flag(accumulate);
    recorder.push(Kernel::new(&SCALE), params, elements(recorder, out), bindings);
    Ok(())
}

pub(super) fn fill(recorder: &mut Recorder<'_>, out: TensorId, value: f32) -> Result<(), BackendError> {
    let Operands { params, bindings } = Operands::default().and(recorder, out, Access::Write)?;
    let params = params.word(small(recorder.get(out).cols)?).float(value);
    recorder.push(Kernel::new(&FILL), params, elements(recorder, out), bindings);
    Ok(())
}

fn elements(recorder: &Recorder<'_>, out: TensorId) -> [Extent; 2] {
    let out = recorder.get(out);
    [Extent::of(out.cols, GROUP), Extent::rows(out, 1)]
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&SCALE), Kernel::new(&FILL)]
}
