use frugal_tensor::{BackendError, TensorId};

use super::{GROUP, number, weight};
use crate::calls::{Bound, Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const GATHER: Source = Source { name: "gather", text: include_str!("gather.wgsl") };

pub(super) fn record(
    recorder: &mut Recorder<'_>,
    table: TensorId,
    rows: TensorId,
    out: TensorId,
    accumulate: bool,
) -> Result<(), BackendError> {
    let (indices, indices_place) = recorder.whole(rows)?;
    let (target, target_place) = recorder.whole(out)?;
    let cols = recorder.get(out).cols;
    let limit = small(recorder.get(table).rows)?;
    let grid = [Extent::of(cols.div_ceil(4), GROUP), Extent::rows(recorder.get(out), 1)];
    let mut pieces = weight::pieces(recorder, table)?;
    if pieces.is_empty() {
        // A table without rows: any index is out of range.
        pieces.push(0..0);
    }
    for piece in pieces {
        let (from, to) = (small(piece.start)?, small(piece.end)?);
        let piece = weight::piece(recorder, table, piece)?;
        let params = Params::default().place(piece.place).place(indices_place).place(target_place);
        let params = params.word(small(cols)?).flag(accumulate).word(number("gather"));
        let params = params.word(from).word(to).word(limit);
        let mut bindings = piece.bindings.clone();
        bindings.extend([(5, Access::Read, indices), (6, Access::Write, target), (10, Access::Write, Bound::Faults)]);
        recorder.push(piece.fill(Kernel::new(&GATHER)), params, grid, bindings);
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    weight::fillings(&Kernel::new(&GATHER))
}
