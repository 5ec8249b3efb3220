use frugal_tensor::{BackendError, TensorId};

use super::{GROUP, weight};
use crate::calls::{Extent, Kernels, Params, Place, Recorder, small};
use crate::kernels::{Access, Kernel, Source};

const BINDINGS: &[(u32, Access)] =
    &[weight::CODES, weight::SCALES, weight::ZEROS, (5, Access::Read), (6, Access::Read), (7, Access::Write)];

const VEC: Source = Source { name: "linear_vec", text: include_str!("linear_vec.wgsl"), bindings: BINDINGS };
const TILE: Source = Source { name: "linear_tile", text: include_str!("linear_tile.wgsl"), bindings: BINDINGS };

const SPLIT: Source = Source { name: "linear_split", text: include_str!("linear_split.wgsl"), bindings: BINDINGS };

/// Outputs that a workgroup of `linear_split` takes.
const SPLIT_OUTS: u32 = 4;

/// Rows from which on a register tile pays.
const TILE_ROWS: u32 = 4;

/// The operands of `Op::Linear`.
pub(super) struct Linear {
    pub(super) x: TensorId,
    pub(super) weight: TensorId,
    pub(super) bias: Option<TensorId>,
    pub(super) out: TensorId,
    pub(super) accumulate: bool,
}

/// The snippet that reads four elements of a row of `cols`.
pub(super) fn x_part(place: Place, cols: usize) -> &'static str {
    if place.aligned() && cols.is_multiple_of(4) { "x_aligned" } else { "x_loose" }
}

pub(super) fn record(recorder: &mut Recorder<'_>, linear: &Linear) -> Result<(), BackendError> {
    let (source, source_place) = recorder.whole(linear.x)?;
    let (target, target_place) = recorder.whole(linear.out)?;
    let (shifts, shift_at) = recorder.optional(linear.bias)?;
    let (cols, out) = (recorder.get(linear.x).cols, *recorder.get(linear.out));
    for rows in weight::pieces(recorder, linear.weight)? {
        // A weight too large for one binding comes in pieces, each with its columns of the output.
        let (first, outs) = (small(rows.start)?, rows.len());
        let piece = weight::piece(recorder, linear.weight, rows)?;
        let part = Place { at: target_place.at + first, ..target_place };
        let params = Params::default().place(piece.place).place(source_place).place(part);
        let params = params.word(small(cols)?).word(small(outs)?).word(shift_at + first);
        let params = params.flag(linear.bias.is_some()).flag(linear.accumulate);
        let mut bindings = piece.bindings.to_vec();
        bindings.extend([(5, source), (6, shifts), (7, target)]);
        let filled = |source| piece.fill(Kernel::new(source)).part("x", x_part(source_place, cols));
        // A grid of few rows most of the time: which kernel suits is decided by the most rows there can be.
        let rows = Extent::rows(&out, 1);
        let most = small(out.rows)?;
        let (kernel, grid) = match recorder.kernels {
            _ if most >= TILE_ROWS => (filled(&TILE), [Extent::of(outs, 4 * GROUP), Extent { per_group: 4, ..rows }]),
            Kernels::Serial => (filled(&VEC), [Extent::of(outs, GROUP), rows]),
            Kernels::Parallel => (filled(&SPLIT), [Extent::of(outs, SPLIT_OUTS), rows]),
        };
        recorder.push(kernel, params, grid, bindings);
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn all() -> Vec<Kernel> {
    let x = |kernel: Kernel| ["x_aligned", "x_loose"].map(|x| kernel.clone().part("x", x));
    let fill = |source| weight::fillings(&Kernel::new(source));
    [fill(&VEC), fill(&SPLIT), fill(&TILE)].concat().into_iter().flat_map(x).collect()
}
