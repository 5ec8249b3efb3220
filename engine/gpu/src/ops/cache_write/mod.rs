use frugal_tensor::{BackendError, DType, Op, RopeLayout, Tensor, TensorId};

use super::{GROUP, number};
use crate::calls::{Bound, Call, Extent, Params, Place, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const CACHE_WRITE: Source = Source { name: "cache_write", text: include_str!("cache_write.wgsl") };

const ROPE_CACHE_WRITE: Source = Source { name: "rope_cache_write", text: include_str!("rope_cache_write.wgsl") };

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
    let bindings = vec![
        (2, Access::Read, source),
        (3, Access::Write, target),
        (4, Access::Read, position),
        (5, Access::Read, slot),
        (10, Access::Write, Bound::Faults),
    ];
    recorder.push(Kernel::new(&CACHE_WRITE).part("store", store), params, grid, bindings);
    Ok(())
}

/// Keys and values into their caches, and what turns before.
pub(super) struct Pair {
    rope: Option<(TensorId, TensorId, usize, RopeLayout)>,
    positions: TensorId,
    slots: TensorId,
    key: (TensorId, TensorId),
    value: (TensorId, TensorId),
    context: usize,
}

impl Pair {
    /// The pair that the operators begin with, and how many they are.
    pub(super) fn find(recorder: &Recorder<'_>, ops: &[Op]) -> Option<(Self, usize)> {
        let (rope, rest) = match ops.first()? {
            &Op::Rope { x, positions, table, head_dim, layout } => {
                (Some((positions, (x, table, head_dim, layout))), &ops[1..])
            }
            _ => (None, ops),
        };
        let &[
            Op::CacheWrite { x: key, positions, slots, cache: keys, context },
            Op::CacheWrite {
                x: value,
                positions: positions_too,
                slots: slots_too,
                cache: values,
                context: context_too,
            },
            ..,
        ] = rest
        else {
            return None;
        };
        let (k, v) = (recorder.get(key), recorder.get(value));
        let same = (positions, slots, context) == (positions_too, slots_too, context_too)
            && (k.buffer, k.cols) == (v.buffer, v.cols)
            && recorder.get(keys).rows == recorder.get(values).rows;
        let turns = match rope {
            None => true,
            Some((turned_by, (x, table, head_dim, _))) => {
                let x = recorder.get(x);
                // Keys are the last columns that turn, all of them, and values stand behind.
                turned_by == positions
                    && x.buffer == k.buffer
                    && x.stride == k.stride
                    && k.cols.is_multiple_of(head_dim)
                    && k.offset + k.cols == x.offset + x.cols
                    && v.offset >= k.offset + k.cols
                    && recorder.get(table).cols == head_dim
            }
        };
        let count = 2 + usize::from(rope.is_some());
        let rope = rope.map(|(_, rope)| rope);
        let pair = Self { rope, positions, slots, key: (key, keys), value: (value, values), context };
        (same && turns).then_some((pair, count))
    }
}

/// The whole pair as one call; `None` when a device need not take it.
pub(super) fn fused(recorder: &Recorder<'_>, pair: &Pair) -> Result<Option<Call>, BackendError> {
    let (key, value) = (*recorder.get(pair.key.0), *recorder.get(pair.value.0));
    let (turned, table, head_dim, layout) = pair.rope.unwrap_or((pair.key.0, pair.positions, 1, RopeLayout::Half));
    let turned = *recorder.get(turned);
    // One binding from the first column that turns to the last value.
    let from = turned.offset.min(key.offset).min(value.offset);
    let to = (key.offset + key.cols).max(value.offset + value.cols);
    let (source, place) = recorder.rows(&Tensor { offset: from, cols: to - from, ..turned }, 0..turned.rows)?;
    let at = |tensor: &Tensor| -> Result<Place, BackendError> {
        Ok(Place { at: place.at + small(tensor.offset - from)?, stride: small(tensor.stride)?, ..place })
    };
    let (turns, turns_place) = recorder.whole(table)?;
    let (position, position_place) = recorder.whole(pair.positions)?;
    let (slot, slot_place) = recorder.whole(pair.slots)?;
    let (keys, keys_place) = recorder.whole(pair.key.1)?;
    let (values, values_place) = recorder.whole(pair.value.1)?;
    let half = if pair.rope.is_some() { recorder.get(table).cols / 2 } else { 0 };
    let heads = if pair.rope.is_some() { turned.cols / head_dim } else { 0 };
    let params = Params::default().place(at(&turned)?).place(turns_place).place(position_place).place(slot_place);
    let params = params.place(at(&key)?).place(at(&value)?).place(keys_place).place(values_place);
    let params = params.word(small(heads)?).word(small(head_dim)?).flag(layout == RopeLayout::Interleaved);
    let params = params.word(small(half)?).word(small(recorder.get(table).rows)?);
    let params = params.word(small(key.offset - turned.offset)?).word(small(key.cols)?).word(small(pair.context)?);
    let slots = small(recorder.get(pair.key.1).rows / pair.context)?;
    let params = params.word(number("rope")).word(number("cache_write")).word(slots);
    let half_cache = |id| recorder.get(id).dtype == DType::F16;
    let kernel = Kernel::new(&ROPE_CACHE_WRITE)
        .part("keys", if half_cache(pair.key.1) { "keys_store_f16" } else { "keys_store_f32" })
        .part("values", if half_cache(pair.value.1) { "values_store_f16" } else { "values_store_f32" });
    let work = heads * half + if half > 0 { key.cols } else { 2 * key.cols };
    let grid = [Extent::of(work.max(1), GROUP), Extent::rows(&key, 1)];
    let mut bindings = vec![(2, Access::Write, source), (3, Access::Write, keys), (7, Access::Write, values)];
    bindings.extend([(4, Access::Read, position), (5, Access::Read, slot), (10, Access::Write, Bound::Faults)]);
    // A table that nothing turns by is bound all the same.
    bindings.push((6, Access::Read, turns));
    let call = Call { kernel, bindings, params, grid };
    Ok(call.fits().then_some(call))
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    let mut all = ["store_f16", "store_f32"].map(|store| Kernel::new(&CACHE_WRITE).part("store", store)).to_vec();
    for keys in ["keys_store_f16", "keys_store_f32"] {
        for values in ["values_store_f16", "values_store_f32"] {
            all.push(Kernel::new(&ROPE_CACHE_WRITE).part("keys", keys).part("values", values));
        }
    }
    all
}
