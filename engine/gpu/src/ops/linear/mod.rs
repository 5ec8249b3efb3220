use frugal_tensor::{Activation, BackendError, TensorId};

use super::{GROUP, activate, weight};
use crate::calls::{Binding, Call, Extent, Kernels, Params, Place, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const VEC: Source = Source { name: "linear_vec", text: include_str!("linear_vec.wgsl") };
const SPLIT: Source = Source { name: "linear_split", text: include_str!("linear_split.wgsl") };
const TILE: Source = Source { name: "linear_tile", text: include_str!("linear_tile.wgsl") };
const SHARED: Source = Source { name: "linear_shared", text: include_str!("linear_shared.wgsl") };

/// The most rows for which each row is computed by itself, and a norm before it and an activation after it with it.
const FEW_ROWS: usize = 8;
/// Outputs that a workgroup of `linear_split` takes.
const SPLIT_OUTS: u32 = 4;
/// Rows, and outputs, that a workgroup of `linear_shared` takes.
const SHARED_SIDE: u32 = 64;

/// The operands of `Op::Linear`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Linear {
    pub(super) x: TensorId,
    pub(super) weight: TensorId,
    pub(super) bias: Option<TensorId>,
    pub(super) out: TensorId,
    pub(super) accumulate: bool,
}

/// A norm whose rows a product is fed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Norm {
    pub(super) x: TensorId,
    pub(super) gain: TensorId,
    pub(super) bias: Option<TensorId>,
    pub(super) eps: f32,
    /// Whether the mean is taken off.
    pub(super) centred: bool,
}

/// An activation of a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Then {
    pub(super) activation: Activation,
    pub(super) out: TensorId,
    pub(super) gated: bool,
}

/// The snippet that reads four elements of a row of `cols`.
pub(super) fn x_part(place: Place, cols: usize) -> &'static str {
    if place.aligned() && cols.is_multiple_of(4) { "x_aligned" } else { "x_loose" }
}

pub(super) fn record(recorder: &mut Recorder<'_>, linear: &Linear) -> Result<(), BackendError> {
    for rows in weight::pieces(recorder, linear.weight)? {
        let call = Product { linear, norm: None, then: None }.call(recorder, rows)?;
        recorder.calls.push(call);
    }
    Ok(())
}

/// A product with what is around it as one call; `None` when no device need take it, or nothing is won.
pub(super) fn fused(
    recorder: &Recorder<'_>,
    norm: Option<Norm>,
    linear: &Linear,
    then: Option<Then>,
) -> Result<Option<Call>, BackendError> {
    let few = recorder.get(linear.out).rows <= FEW_ROWS;
    let weight = recorder.get(linear.weight);
    let in_one_piece = weight::pieces(recorder, linear.weight)?.len() == 1;
    if !few || !in_one_piece || then.is_some() && linear.accumulate {
        return Ok(None);
    }
    if let Some(norm) = norm {
        let quads = [Some(norm.x), Some(norm.gain), norm.bias, Some(linear.x)].into_iter().flatten();
        for id in quads {
            if !recorder.whole(id)?.1.aligned() || !recorder.get(id).cols.is_multiple_of(4) {
                return Ok(None);
            }
        }
    }
    let call = Product { linear, norm, then }.call(recorder, 0..weight.rows)?;
    Ok(call.fits().then_some(call))
}

/// A product, perhaps with a norm before and an activation after it.
struct Product<'a> {
    linear: &'a Linear,
    norm: Option<Norm>,
    then: Option<Then>,
}

impl Product<'_> {
    /// The outputs of some rows of the weight.
    fn call(&self, recorder: &Recorder<'_>, rows: std::ops::Range<usize>) -> Result<Call, BackendError> {
        let linear = self.linear;
        let cols = recorder.get(linear.x).cols;
        let out = *recorder.get(linear.out);
        // A weight too large for one binding comes in pieces, each with its columns of the output.
        let first = small(rows.start)?;
        let gated = self.then.is_some_and(|then| then.gated);
        let outs = if gated { rows.len() / 2 } else { rows.len() };
        let piece = weight::piece(recorder, linear.weight, rows)?;
        let mut bindings = piece.bindings.clone();
        let (source, source_place) = recorder.whole(self.norm.map_or(linear.x, |norm| norm.x))?;
        let (target, target_place) = recorder.whole(linear.out)?;
        bindings.extend([(5, Access::Read, source), (7, Access::Write, target)]);
        let (bias, bias_at) = match linear.bias {
            Some(id) => {
                let (bound, place) = recorder.whole(id)?;
                bindings.push((6, Access::Read, bound));
                ("bias", place.at + first)
            }
            None => ("bias_none", 0),
        };
        let few = out.rows <= FEW_ROWS;
        let (source, grid) = grid(recorder.kernels, few, outs, Extent::rows(&out, 1));
        let mut kernel = piece.fill(Kernel::new(source)).part("x", x_part(source_place, cols)).part("bias", bias);
        let feed = self.feed(recorder, &mut bindings)?;
        let shared = few && recorder.kernels == Kernels::Parallel;
        kernel = feed.fill(kernel, shared);
        let (inner, kind) = match self.then {
            Some(then) => {
                let (bound, place) = recorder.whole(then.out)?;
                bindings.push((12, Access::Write, bound));
                kernel = kernel.part("finish", if then.gated { "finish_gated" } else { "finish_activated" });
                (place, activate::kind(then.activation))
            }
            None => {
                kernel = kernel.part("finish", "finish_plain");
                (target_place, 0)
            }
        };
        let part = Place { at: target_place.at + first, ..target_place };
        let params = Params::default().place(piece.place).place(source_place).place(part);
        let params = params.place(feed.normed.unwrap_or(source_place)).place(inner);
        let params = params.word(small(cols)?).word(small(outs)?).word(bias_at).flag(linear.accumulate);
        let eps = self.norm.map_or(0.0, |norm| norm.eps);
        let params = params.word(feed.gain_at).word(feed.shift_at).float(eps).word(kind);
        Ok(Call { kernel, bindings, params, grid })
    }

    /// Binds what the norm reads and keeps.
    fn feed(&self, recorder: &Recorder<'_>, bindings: &mut Vec<Binding>) -> Result<Feed, BackendError> {
        let Some(norm) = self.norm else {
            return Ok(Feed { normed: None, gain_at: 0, shift_at: 0, centred: false, shifted: false });
        };
        let (gain, gain_place) = recorder.whole(norm.gain)?;
        let (normed, normed_place) = recorder.whole(self.linear.x)?;
        bindings.extend([(8, Access::Read, gain), (9, Access::Write, normed)]);
        let mut shift_at = 0;
        if let Some(id) = norm.bias {
            let (shift, place) = recorder.whole(id)?;
            bindings.push((11, Access::Read, shift));
            shift_at = place.at;
        }
        let (centred, shifted) = (norm.centred, norm.bias.is_some());
        Ok(Feed { normed: Some(normed_place), gain_at: gain_place.at, shift_at, centred, shifted })
    }
}

/// How a product's rows come to it.
struct Feed {
    /// Where a norm's rows are kept, if there is one.
    normed: Option<Place>,
    gain_at: u32,
    shift_at: u32,
    centred: bool,
    shifted: bool,
}

impl Feed {
    /// `shared`: a workgroup computes what a norm needs to know of a row together.
    fn fill(&self, kernel: Kernel, shared: bool) -> Kernel {
        if self.normed.is_none() {
            return kernel.part("stats", "").part("shift", "").part("feed", "feed_plain");
        }
        let stats = match (self.centred, shared) {
            (false, false) => "stats_rms",
            (false, true) => "stats_rms_shared",
            (true, false) => "stats_layer",
            (true, true) => "stats_layer_shared",
        };
        let shift = if self.shifted { "shift" } else { "shift_none" };
        kernel.part("stats", stats).part("shift", shift).part("feed", "feed_normed")
    }
}

fn grid(kernels: Kernels, few: bool, outs: usize, rows: Extent) -> (&'static Source, [Extent; 2]) {
    match (kernels, few) {
        (Kernels::Serial, true) => (&VEC, [Extent::of(outs, GROUP), rows]),
        (Kernels::Serial, false) => (&TILE, [Extent::of(outs, 4 * GROUP), Extent { per_group: 4, ..rows }]),
        (Kernels::Parallel, true) => (&SPLIT, [Extent::of(outs, SPLIT_OUTS), rows]),
        (Kernels::Parallel, false) => {
            (&SHARED, [Extent::of(outs, SHARED_SIDE), Extent { per_group: SHARED_SIDE, ..rows }])
        }
    }
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    let mut all = Vec::new();
    for (source, few, shared) in
        [(&VEC, true, false), (&SPLIT, true, true), (&TILE, false, false), (&SHARED, false, false)]
    {
        for kernel in weight::fillings(&Kernel::new(source)) {
            for (x, bias) in [("x_aligned", "bias"), ("x_loose", "bias_none")] {
                let kernel = kernel.clone().part("x", x).part("bias", bias);
                for (finish, normed) in [
                    ("finish_plain", false),
                    ("finish_plain", true),
                    ("finish_gated", true),
                    ("finish_activated", true),
                    ("finish_gated", false),
                ] {
                    for (centred, shifted) in [(false, false), (true, false), (true, true)] {
                        let place = Place { at: 0, stride: 0, rows: 0, live: 0 };
                        let feed = Feed { normed: normed.then_some(place), gain_at: 0, shift_at: 0, centred, shifted };
                        if few || finish == "finish_plain" && !normed {
                            all.push(feed.fill(kernel.clone(), shared).part("finish", finish));
                        }
                    }
                }
            }
        }
    }
    all
}
