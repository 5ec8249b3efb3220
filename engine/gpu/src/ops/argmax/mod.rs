use frugal_tensor::{BackendError, TensorId};

use crate::calls::{Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const ARGMAX: Source = Source { name: "argmax", text: include_str!("argmax.wgsl") };

/// Rows per workgroup; as many as a software adapter computes side by side.
const ROWS: u32 = 4;

pub(super) fn record(recorder: &mut Recorder<'_>, x: TensorId, out: TensorId) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (target, target_place) = recorder.whole(out)?;
    let params = Params::default().place(source_place).place(target_place).word(small(recorder.get(x).cols)?);
    let grid = [Extent::rows(recorder.get(out), ROWS), Extent::of(1, 1)];
    let kernel = Kernel::new(&ARGMAX).constant("WG", f64::from(ROWS));
    recorder.push(kernel, params, grid, vec![(2, Access::Read, source), (3, Access::Write, target)]);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&ARGMAX)]
}
