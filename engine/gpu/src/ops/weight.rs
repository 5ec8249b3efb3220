//! Weights, tables and what else is read in any dtype: pieces that fit a binding, and the snippet that decodes them.

use std::ops::Range;

use frugal_tensor::quant::{Bits, QuantFormat};
use frugal_tensor::{BackendError, DType, PlanError, Tensor, TensorId};

use crate::calls::{Binding, Place, Recorder, small};
use crate::kernels::{Access, Kernel};

/// Bindings that the snippets of weights use.
const CODES: u32 = 2;
const SCALES: u32 = 3;
const ZEROS: u32 = 4;

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
    pub(super) bindings: Vec<Binding>,
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
            Decoder::Dense(snippet) => kernel.part("scales", "").part("zeros", "").part("weight", snippet),
            Decoder::Codes(format) => coded(kernel, format),
        }
    }
}

fn coded(kernel: Kernel, format: QuantFormat) -> Kernel {
    let (snippet, zeros) = match (format.bits, format.zeros) {
        (Bits::Four, true) => ("weight_q4", "zeros_q4"),
        (Bits::Four, false) => ("weight_q4", "zeros_fixed_q4"),
        (Bits::Eight, true) => ("weight_q8", "zeros_q8"),
        (Bits::Eight, false) => ("weight_q8", "zeros_fixed_q8"),
    };
    let parts = kernel.part("scales", "quant").part("zeros", zeros).part("weight", snippet);
    let half = f64::from(u8::from(format.half_scales));
    parts.constant("GROUP", f64::from(format.group)).constant("HALF_SCALES", half)
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
    let bindings = vec![(CODES, Access::Read, bound)];
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
    let mut bindings = vec![(CODES, Access::Read, codes), (SCALES, Access::Read, scales)];
    let mut first_zero = 0;
    if format.zeros {
        let (zeros, first) = part(layout.zeros_at, groups, bits)?;
        bindings.push((ZEROS, Access::Read, zeros));
        first_zero = first;
    }
    // Rows are whole words: groups are multiples of eight codes.
    let words = first / small(32 / bits)?;
    let place = Place::of_codes(words, first_scale, first_zero);
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
    let mut all: Vec<_> = dense
        .into_iter()
        .map(|snippet| kernel.clone().part("scales", "").part("zeros", "").part("weight", snippet))
        .collect();
    for bits in [Bits::Four, Bits::Eight] {
        for zeros in [false, true] {
            all.push(coded(kernel.clone(), QuantFormat { bits, group: 32, zeros, half_scales: true }));
        }
    }
    all
}
