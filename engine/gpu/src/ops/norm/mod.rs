use frugal_tensor::{BackendError, TensorId};

use super::GROUP;
use super::linear::x_part;
use crate::calls::{Extent, Params, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const RMS_NORM: Source = Source { name: "rms_norm", text: include_str!("rms_norm.wgsl") };

const LAYER_NORM: Source = Source { name: "layer_norm", text: include_str!("layer_norm.wgsl") };

pub(super) fn rms(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    gain: TensorId,
    eps: f32,
    out: TensorId,
) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (gains, gain_place) = recorder.whole(gain)?;
    let (target, target_place) = recorder.whole(out)?;
    let cols = recorder.get(out).cols;
    let params = Params::default().place(source_place).place(target_place);
    let params = params.word(small(cols)?).float(eps).word(gain_place.at);
    let kernel = Kernel::new(&RMS_NORM).part("x", x_part(source_place, cols));
    let grid = [Extent::rows(recorder.get(out), GROUP), Extent::of(1, 1)];
    recorder.push(
        kernel,
        params,
        grid,
        vec![(5, Access::Read, source), (6, Access::Read, gains), (7, Access::Write, target)],
    );
    Ok(())
}

pub(super) fn layer(
    recorder: &mut Recorder<'_>,
    x: TensorId,
    gain: TensorId,
    bias: Option<TensorId>,
    eps: f32,
    out: TensorId,
) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(x)?;
    let (gains, gain_place) = recorder.whole(gain)?;
    let (target, target_place) = recorder.whole(out)?;
    let (shifts, shift_at) = recorder.optional(bias)?;
    let cols = recorder.get(out).cols;
    let params = Params::default().place(source_place).place(target_place);
    let params = params.word(small(cols)?).float(eps).word(gain_place.at).word(shift_at).flag(bias.is_some());
    let kernel = Kernel::new(&LAYER_NORM).part("x", x_part(source_place, cols));
    let grid = [Extent::rows(recorder.get(out), GROUP), Extent::of(1, 1)];
    recorder.push(
        kernel,
        params,
        grid,
        vec![
            (5, Access::Read, source),
            (6, Access::Read, gains),
            (7, Access::Write, target),
            (8, Access::Read, shifts),
        ],
    );
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    let filled = |source| ["x_aligned", "x_loose"].map(|x| Kernel::new(source).part("x", x));
    [filled(&RMS_NORM), filled(&LAYER_NORM)].concat()
}
