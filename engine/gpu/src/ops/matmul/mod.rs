use frugal_tensor::{BackendError, TensorId};

use super::GROUP;
use super::train::Operands;
use crate::calls::{Extent, Kernels, Recorder, small};
use crate::kernels::{Kernel, Source};

const MATMUL: Source = Source { name: "matmul", text: include_str!("matmul.wgsl") };

const SHARED: Source = Source { name: "matmul_shared", text: include_str!("matmul_shared.wgsl") };

/// Rows, and columns, that a workgroup of `matmul_shared` takes.
const SHARED_SIDE: u32 = 64;

/// `[left, right, out]`.
pub(super) fn record(
    recorder: &mut Recorder<'_>,
    [left, right, out]: [TensorId; 3],
    turned: bool,
    accumulate: bool,
) -> Result<(), BackendError> {
    let (rows, cols) = (recorder.get(out).rows, recorder.get(out).cols);
    let Operands { params, bindings } = Operands::of(recorder, [left, right], out)?;
    let params = params.word(small(rows)?).word(small(recorder.get(right).rows)?).word(small(cols)?);
    let params = params.flag(turned).flag(accumulate);
    let (source, across, down) = match recorder.kernels {
        Kernels::Serial => (&MATMUL, 4 * GROUP, 4),
        Kernels::Parallel => (&SHARED, SHARED_SIDE, SHARED_SIDE),
    };
    recorder.push(Kernel::new(source), params, [Extent::of(cols, across), Extent::of(rows, down)], bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&MATMUL), Kernel::new(&SHARED)]
}
