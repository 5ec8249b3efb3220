use frugal_tensor::{BackendError, TensorId};

use super::{GROUP, number, weight};
use crate::calls::{Bound, Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const SCATTER_ADD: Source = Source { name: "scatter_add", text: include_str!("scatter_add.wgsl") };

pub(super) fn record(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    rows: TensorId,
    out: TensorId,
) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (indices, indices_place) = recorder.whole(rows)?;
    let cols = recorder.get(x).cols;
    let limit = small(recorder.get(out).rows)?;
    let grid = [Extent::of(cols, GROUP), Extent::ONE];
    let mut pieces = weight::pieces(recorder, out)?;
    if pieces.is_empty() {
        // An output without rows: any index is out of range.
        pieces.push(0..0);
    }
    for piece in pieces {
        let (from, to) = (small(piece.start)?, small(piece.end)?);
        let (target, target_place) = recorder.rows(recorder.get(out), piece)?;
        let params = Params::default().place(source_place).place(indices_place).place(target_place);
        let params = params.word(small(cols)?).word(number("scatter_add")).word(from).word(to).word(limit);
        let read = |number, bound| (number, Access::Read, bound);
        let mut bindings = vec![read(2, source), read(3, indices)];
        bindings.extend([(4, Access::Write, target), (10, Access::Write, Bound::Faults)]);
        recorder.push(Kernel::new(&SCATTER_ADD), params, grid, bindings);
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&SCATTER_ADD)]
}
