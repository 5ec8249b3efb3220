use frugal_tensor::{BackendError, RopeLayout, TensorId};

use super::{GROUP, number};
use crate::calls::{Bound, Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const ROPE: Source = Source { name: "rope", text: include_str!("rope.wgsl") };

/// `back`: the gradient, for which positions are turned back.
pub(super) fn record(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    positions: TensorId,
    table: TensorId,
    head_dim: usize,
    layout: RopeLayout,
    back: bool,
) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (turns, turns_place) = recorder.whole(table)?;
    let (indices, indices_place) = recorder.whole(positions)?;
    let heads = recorder.get(x).cols / head_dim;
    let half = recorder.get(table).cols / 2;
    let params = Params::default().place(source_place).place(turns_place).place(indices_place);
    let params = params.word(small(heads)?).word(small(head_dim)?).flag(layout == RopeLayout::Interleaved);
    let params = params.word(number(if back { "rope_grad" } else { "rope" }));
    let params = params.word(small(half)?).word(small(recorder.get(table).rows)?).float(if back { -1.0 } else { 1.0 });
    let grid = [Extent::of((heads * half).max(1), GROUP), Extent::rows(recorder.get(x), 1)];
    let bindings = vec![
        (2, Access::Write, source),
        (3, Access::Read, turns),
        (4, Access::Read, indices),
        (10, Access::Write, Bound::Faults),
    ];
    recorder.push(Kernel::new(&ROPE), params, grid, bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    vec![Kernel::new(&ROPE)]
}
