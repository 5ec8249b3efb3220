//! Weights, tables and what else is read in any dtype: pieces that fit a binding, and the snippet that decodes them.

use std::ops::Range;

use frugal_tensor::quant::{Bits, QuantFormat};
use frugal_tensor::{BackendError, DType, PlanError, Tensor, TensorId};

use crate::calls::{Bound, Place, Recorder, small};
use crate::kernels::{Access, Kernel};

/// Bindings that the snippets of weights use.
pub(super) const CODES: (u32, Access) = (2, Access::Read);
pub(super) const SCALES: (u32, Access) = (3, Access::Read);
pub(super) const ZEROS: (u32, Access) = (4, Access::Read);

/// Bytes of a binding that alignment may take.
const SLACK: usize = 1024;

/// Rows of a weight in pieces that fit a binding.
pub(super) fn pieces(recorder: &Recorder<'_>, id: TensorId) -> Result<Vec<Range<usize>>, BackendError> {
    let weight = recorder.get(id);
    let row_bits = match weight.dtype {
        DType::F32 | DType::U32 => weight.stride * 32,
        DType::F16 | DType::Bf16 => weight.stride * 16,
        DType::Quant(format) => weight.cols * format.bits.count().max(32 / usize::from(format.group.max(1))),
    };
    let row_bytes = row_bits.div_ceil(8).max(1);
    let most = recorder.binding_bytes.saturating_sub(SLACK) / row_bytes;
    if most == 0 {
        return Err(BackendError::OutOfMemory { needed_bytes: row_bytes });
    }
    Ok((0..weight.rows).step_by(most).map(|from| from..weight.rows.min(from + most)).collect())
}

/// One piece, as its snippet reads it.
pub(super) struct Piece {
    pub(super) place: Place,
    pub(super) bindings: [(u32, Bound); 3],
    kernel: Decoder,
}

enum Decoder {
    Dense(&'static str),
    Codes(QuantFormat),
}

impl Piece {
    /// The kernel with this weight's snippets.
    pub(super) fn fill(&self, kernel: Kernel) -> Kernel {
        match self.kernel {
            Decoder::Dense(snippet) => kernel.part("scales", "").part("weight", snippet),
            Decoder::Codes(format) => coded(kernel, format),
        }
    }
}

fn coded(kernel: Kernel, format: QuantFormat) -> Kernel {
    let snippet = match format.bits {
        Bits::Four => "weight_q4",
        Bits::Eight => "weight_q8",
    };
    let flag = |flag: bool| f64::from(u8::from(flag));
    kernel
        .part("scales", "quant")
        .part("weight", snippet)
        .constant("GROUP", f64::from(format.group))
        .constant("HALF_SCALES", flag(format.half_scales))
        .constant("ZEROS", flag(format.zeros))
}

/// Binds rows of a weight.
pub(super) fn piece(recorder: &Recorder<'_>, id: TensorId, rows: Range<usize>) -> Result<Piece, BackendError> {
    let weight = recorder.get(id);
    if let DType::Quant(format) = weight.dtype {
        return codes(recorder, weight, format, rows);
    }
    let (bound, place) = recorder.rows(weight, rows)?;
    let aligned = place.aligned() && weight.cols.is_multiple_of(4);
    let snippet = match (weight.dtype, aligned) {
        (DType::F16, true) => "weight_f16_aligned",
        (DType::F16, false) => "weight_f16_loose",
        (DType::Bf16, true) => "weight_bf16_aligned",
        (DType::Bf16, false) => "weight_bf16_loose",
        (_, true) => "weight_f32_aligned",
        (_, false) => "weight_f32_loose",
    };
    let bindings = [(CODES.0, bound), (SCALES.0, Bound::Nothing), (ZEROS.0, Bound::Nothing)];
    Ok(Piece { place, bindings, kernel: Decoder::Dense(snippet) })
}

fn codes(
    recorder: &Recorder<'_>,
    weight: &Tensor,
    format: QuantFormat,
    rows: Range<usize>,
) -> Result<Piece, BackendError> {
    let what = || format!("{weight:?} is not whole groups");
    let layout = format
        .layout(weight.rows, weight.cols)
        .ok_or_else(|| BackendError::Plan(PlanError { at: 0, op: "tensor", what: what() }))?;
    let bits = format.bits.count();
    let groups = weight.cols / usize::from(format.group);
    let part = |base: usize, per_row: usize, bits: usize| {
        recorder.part(weight.buffer, base, rows.start * per_row, rows.len() * per_row, bits)
    };
    let (codes, first) = part(0, weight.cols, bits)?;
    let (scales, first_scale) = part(layout.scales_at, groups, if format.half_scales { 16 } else { 32 })?;
    let (zeros, first_zero) = if format.zeros { part(layout.zeros_at, groups, bits)? } else { (Bound::Nothing, 0) };
    // Rows are whole words: groups are multiples of eight codes.
    let words = first / small(32 / bits)?;
    let place = Place::of_codes(words, first_scale, first_zero);
    let bindings = [(CODES.0, codes), (SCALES.0, scales), (ZEROS.0, zeros)];
    Ok(Piece { place, bindings, kernel: Decoder::Codes(format) })
}

/// Every way in which a kernel that reads a weight can be filled.
#[cfg(test)]
pub(super) fn fillings(kernel: &Kernel) -> Vec<Kernel> {
    let dense = [
        "weight_f16_aligned",
        "weight_f16_loose",
        "weight_bf16_aligned",
        "weight_bf16_loose",
        "weight_f32_aligned",
        "weight_f32_loose",
    ];
    let mut all: Vec<_> =
        dense.into_iter().map(|snippet| kernel.clone().part("scales", "").part("weight", snippet)).collect();
    for bits in [Bits::Four, Bits::Eight] {
        let format = QuantFormat { bits, group: 32, zeros: true, half_scales: true };
        all.push(coded(kernel.clone(), format));
    }
    all
}
