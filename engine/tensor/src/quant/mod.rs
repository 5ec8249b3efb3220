//! Quantised weights: integer codes in groups along the row, one scale a group.
//!
//! A [`Rule`] says which codes a group gets, a [`QuantFormat`] how codes lie in memory; [`Scheme`] is both. Rules
//! compute in f64, so that codes are the published ones. Four-bit codes are stored as 0..=15 and eight-bit codes as
//! -128..=127; a stored code stands for `scale · (code - zero)`, where a format without zeros means 8 and 0.

mod ggml;
mod quantiser;
mod rule;
#[cfg(test)]
mod tests;

use half::f16;

use crate::view::QuantView;

pub use ggml::{ggml_blocks, repack_ggml};
pub use quantiser::Quantiser;
pub use rule::{GroupCodes, Rule};

/// Bits of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bits {
    /// Two codes a byte: within a group of `n`, byte `i` holds code `i` low and code `i + n/2` high.
    Four,
    /// One code a byte.
    Eight,
}

impl Bits {
    /// As a number.
    pub fn count(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

/// How codes, scales and zeros lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuantFormat {
    /// Bits of a code.
    pub bits: Bits,
    /// Codes that share a scale; a multiple of 8 that divides the row.
    pub group: u16,
    /// Whether each group has a zero of its own, as wide as a code.
    pub zeros: bool,
    /// Whether scales are stored as f16; otherwise f32.
    pub half_scales: bool,
}

/// Byte offsets of the parts of one quantised matrix. Codes start at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantLayout {
    /// Bytes of codes.
    pub codes_bytes: usize,
    /// Where scales start.
    pub scales_at: usize,
    /// Bytes of scales.
    pub scales_bytes: usize,
    /// Where zeros start.
    pub zeros_at: usize,
    /// Bytes of zeros.
    pub zeros_bytes: usize,
    /// All bytes, each part padded to a multiple of 16.
    pub bytes: usize,
}

/// Why weights cannot be quantised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantError {
    /// A row that is not whole groups, or a group that cannot be packed.
    #[error("rows of {cols} are not whole groups of {group}: choose a group that divides the row, a multiple of 8")]
    Group {
        /// Columns of the weight.
        cols: usize,
        /// Codes per group.
        group: usize,
    },
    /// A weight that is not a number, or infinite.
    #[error("weight {at} of a row is {value}: only finite weights can be quantised")]
    NotFinite {
        /// Column.
        at: usize,
        /// The weight.
        value: f64,
    },
    /// A scale that f16 cannot hold.
    #[error("a group's scale of {scale:e} exceeds f16: choose a format with f32 scales")]
    ScaleTooLarge {
        /// The scale.
        scale: f64,
    },
    /// Bytes of another length than the shape asks for.
    #[error("{got} bytes where the shape asks for {want}")]
    Length {
        /// Bytes handed in.
        got: usize,
        /// Bytes needed.
        want: usize,
    },
}

impl QuantFormat {
    /// Bits per weight, a scale and a zero per group included; padding is not counted.
    pub fn bits_per_weight(self) -> f64 {
        let scale = if self.half_scales { 16 } else { 32 };
        let zero = if self.zeros { self.bits.count() } else { 0 };
        // Both counts are far below 2^52.
        self.bits.count() as f64 + (scale + zero) as f64 / f64::from(self.group)
    }

    /// Where the parts of a `[rows, cols]` matrix lie; `None` when a row is not whole groups or the size overflows.
    pub fn layout(self, rows: usize, cols: usize) -> Option<QuantLayout> {
        let group = usize::from(self.group);
        if group == 0 || !group.is_multiple_of(8) || !cols.is_multiple_of(group) {
            return None;
        }
        let padded = |bytes: usize| bytes.checked_next_multiple_of(16);
        let groups = rows.checked_mul(cols / group)?;
        let codes_bytes = rows.checked_mul(cols)?.checked_mul(self.bits.count())? / 8;
        let scales_bytes = groups.checked_mul(if self.half_scales { 2 } else { 4 })?;
        let zeros_bytes = if self.zeros { groups.checked_mul(self.bits.count())?.div_ceil(8) } else { 0 };
        let scales_at = padded(codes_bytes)?;
        let zeros_at = scales_at.checked_add(padded(scales_bytes)?)?;
        let bytes = zeros_at.checked_add(padded(zeros_bytes)?)?;
        Some(QuantLayout { codes_bytes, scales_at, scales_bytes, zeros_at, zeros_bytes, bytes })
    }
}

/// A rule and a format that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scheme {
    rule: Rule,
    format: QuantFormat,
}

impl Scheme {
    /// ggml's `q4_0`: groups of 32, the largest weight maps to -8 exactly.
    pub const Q4_0: Self = Self::new(Rule::Q4_0, Bits::Four, 32, true);
    /// ggml's `q8_0`: groups of 32.
    pub const Q8_0: Self = Self::new(Rule::Q8_0, Bits::Eight, 32, true);

    /// Round to nearest with one scale a group.
    pub const fn symmetric(bits: Bits, group: u16, half_scales: bool) -> Self {
        Self::new(Rule::Symmetric, bits, group, half_scales)
    }

    /// Round to nearest with a scale and a zero a group.
    pub const fn asymmetric(bits: Bits, group: u16, half_scales: bool) -> Self {
        Self::new(Rule::Asymmetric, bits, group, half_scales)
    }

    const fn new(rule: Rule, bits: Bits, group: u16, half_scales: bool) -> Self {
        let zeros = matches!(rule, Rule::Asymmetric);
        Self { rule, format: QuantFormat { bits, group, zeros, half_scales } }
    }

    /// How the codes lie in memory.
    pub fn format(self) -> QuantFormat {
        self.format
    }

    /// Quantises dense rows to the bytes that [`QuantFormat::layout`] describes.
    ///
    /// # Errors
    /// [`QuantError`]; `values` must hold whole rows of `cols`.
    pub fn quantise(self, values: &[f32], cols: usize) -> Result<Vec<u8>, QuantError> {
        let mut quantiser = Quantiser::new(self, values.len() / cols.max(1), cols)?;
        let mut packed = quantiser.rows(0, values)?;
        let (tail_at, tail) = quantiser.tail();
        packed.resize(tail_at, 0);
        packed.extend_from_slice(tail);
        Ok(packed)
    }
}

impl<'a> QuantView<'a> {
    /// The parts of a matrix that lies in `bytes`.
    ///
    /// # Errors
    /// [`QuantError::Group`], and [`QuantError::Length`] when `bytes` is too short.
    pub fn new(format: QuantFormat, rows: usize, cols: usize, bytes: &'a [u8]) -> Result<Self, QuantError> {
        let group = usize::from(format.group);
        let layout = format.layout(rows, cols).ok_or(QuantError::Group { cols, group })?;
        if bytes.len() < layout.bytes {
            return Err(QuantError::Length { got: bytes.len(), want: layout.bytes });
        }
        Ok(Self {
            format,
            rows,
            cols,
            codes: &bytes[..layout.codes_bytes],
            scales: &bytes[layout.scales_at..][..layout.scales_bytes],
            zeros: &bytes[layout.zeros_at..][..layout.zeros_bytes],
        })
    }

    /// Scale of group `at`, counted over all rows.
    #[inline]
    pub fn scale(&self, at: usize) -> f32 {
        if self.format.half_scales {
            f16::from_le_bytes([self.scales[at * 2], self.scales[at * 2 + 1]]).to_f32()
        } else {
            let bytes = &self.scales[at * 4..at * 4 + 4];
            f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
        }
    }

    /// The stored code that stands for 0 in group `at`.
    #[inline]
    pub fn zero(&self, at: usize) -> i32 {
        match (self.format.bits, self.format.zeros) {
            (Bits::Four, false) => 8,
            (Bits::Eight, false) => 0,
            (Bits::Four, true) => i32::from(self.zeros[at / 2] >> (4 * (at % 2)) & 15),
            (Bits::Eight, true) => i32::from(self.zeros[at]) - 128,
        }
    }

    /// Bytes of codes of group `at`.
    #[inline]
    pub fn group_codes(&self, at: usize) -> &'a [u8] {
        let bytes = usize::from(self.format.group) * self.format.bits.count() / 8;
        &self.codes[at * bytes..(at + 1) * bytes]
    }

    /// The values of one row: `scale · (code - zero)`.
    pub(crate) fn decode_row(&self, row: usize, out: &mut [f32]) {
        let group = usize::from(self.format.group);
        let first = row * (self.cols / group);
        for (within, out) in out.chunks_exact_mut(group).enumerate() {
            let at = first + within;
            let (scale, zero, codes) = (self.scale(at), self.zero(at), self.group_codes(at));
            // Codes and zeros are small integers, exact in f32.
            let value = |code: i32| scale * (code - zero) as f32;
            match self.format.bits {
                Bits::Eight => {
                    out.iter_mut().zip(codes).for_each(|(out, code)| *out = value(i32::from(code.cast_signed())));
                }
                Bits::Four => {
                    let (low, high) = out.split_at_mut(group / 2);
                    for ((low, high), code) in low.iter_mut().zip(high).zip(codes) {
                        (*low, *high) = (value(i32::from(code & 15)), value(i32::from(code >> 4)));
                    }
                }
            }
        }
    }
}
