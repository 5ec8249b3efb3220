use frugal_tensor::{BackendError, DType, TensorId};

use super::{GROUP, number};
use crate::calls::{Bound, Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const CACHE_WRITE: Source = Source {
    name: "cache_write",
    text: include_str!("cache_write.wgsl"),
    bindings: &[(2, Access::Read), (3, Access::Write), (4, Access::Read), (5, Access::Read), (10, Access::Write)],
};

pub(super) fn record(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    positions: TensorId,
    slots: TensorId,
    cache: TensorId,
    context: usize,
) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (target, target_place) = recorder.whole(cache)?;
    let (position, position_place) = recorder.whole(positions)?;
    let (slot, slot_place) = recorder.whole(slots)?;
    let cols = recorder.get(x).cols;
    let params = Params::default().place(source_place).place(target_place).place(position_place).place(slot_place);
    let params = params.word(small(cols)?).word(small(context)?).word(number("cache_write"));
    let params = params.word(small(recorder.get(cache).rows / context)?);
    let store = if recorder.get(cache).dtype == DType::F16 { "store_f16" } else { "store_f32" };
    let grid = [Extent::of(cols.max(1), GROUP), Extent::rows(recorder.get(x), 1)];
    let bindings = vec![(2, source), (3, target), (4, position), (5, slot), (10, Bound::Faults)];
    recorder.push(Kernel::new(&CACHE_WRITE).part("store", store), params, grid, bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    ["store_f16", "store_f32"].map(|store| Kernel::new(&CACHE_WRITE).part("store", store)).to_vec()
}
