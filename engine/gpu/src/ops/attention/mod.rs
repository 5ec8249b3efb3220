use frugal_tensor::{Attention, BackendError, DType};

use super::linear::x_part;
use super::number;
use crate::calls::{Bound, Extent, Kernels, Params, Place, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const ATTENTION: Source = Source { name: "attention", text: include_str!("attention.wgsl") };

const SHARED: Source = Source { name: "attention_shared", text: include_str!("attention_shared.wgsl") };

/// Snippets that read the cache: f32 and f16, each aligned and loose.
const KEYS: [&str; 4] = ["key_f32_aligned", "key_f32_loose", "key_f16_aligned", "key_f16_loose"];
const VALUES: [&str; 4] = ["value_f32_aligned", "value_f32_loose", "value_f16_aligned", "value_f16_loose"];

/// Heads per workgroup; as many as a software adapter computes side by side.
const HEADS: u32 = 4;

pub(super) fn record(recorder: &mut Recorder<'_>, a: &Attention) -> Result<(), BackendError> {
    let (query, query_place) = recorder.whole(a.q)?;
    let (keys, keys_place) = recorder.whole(a.keys)?;
    let (values, values_place) = recorder.whole(a.values)?;
    let (position, position_place) = recorder.whole(a.positions)?;
    let (slot, slot_place) = recorder.whole(a.slots)?;
    let (target, target_place) = recorder.whole(a.out)?;
    let head_dim = recorder.get(a.q).cols / a.heads;
    let slots = recorder.get(a.keys).rows / a.context;
    let params = Params::default().place(query_place).place(keys_place).place(values_place);
    let params = params.place(position_place).place(slot_place).place(target_place);
    let params = params.word(small(a.heads)?).word(small(a.kv_heads)?).word(small(head_dim)?).word(small(a.context)?);
    let params = params.float(a.scale).word(a.window.unwrap_or(0)).word(number("attention")).word(small(slots)?);
    let part = |id, place: Place, snippets: [&'static str; 4]| {
        let half = recorder.get(id).dtype == DType::F16;
        let aligned = head_dim.is_multiple_of(4) && place.aligned();
        snippets[2 * usize::from(half) + usize::from(!aligned)]
    };
    let (kernel, heads_per_group) = match recorder.kernels {
        Kernels::Serial => (Kernel::new(&ATTENTION).constant("WG", f64::from(HEADS)), HEADS),
        Kernels::Parallel => (Kernel::new(&SHARED), 1),
    };
    let kernel = kernel
        .part("keys", part(a.keys, keys_place, KEYS))
        .part("values", part(a.values, values_place, VALUES))
        .part("x", x_part(query_place, head_dim));
    let grid = [Extent::of(a.heads, heads_per_group), Extent::rows(recorder.get(a.out), 1)];
    let read = |number, bound| (number, Access::Read, bound);
    let mut bindings = vec![read(2, keys), read(3, values), read(4, position), read(5, query), read(6, slot)];
    bindings.extend([(7, Access::Write, target), (10, Access::Write, Bound::Faults)]);
    recorder.push(kernel, params, grid, bindings);
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    let mut all = Vec::new();
    for source in [&ATTENTION, &SHARED] {
        for keys in KEYS {
            for values in VALUES {
                let kernel = Kernel::new(source).part("keys", keys).part("values", values);
                all.extend(["x_aligned", "x_loose"].map(|x| kernel.clone().part("x", x)));
            }
        }
    }
    all
}
