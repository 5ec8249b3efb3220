//! Quantising a matrix whose rows come in pieces.

use half::f16;

use super::{Bits, GroupCodes, QuantError, QuantLayout, Rule, Scheme};

/// Quantises a matrix some rows at a time: codes are handed back to be stored, scales and zeros, which are few, are
/// kept until the end.
#[derive(Debug, Clone)]
pub struct Quantiser {
    scheme: Scheme,
    layout: QuantLayout,
    cols: usize,
    /// Scales and zeros, from `layout.scales_at` on.
    tail: Vec<u8>,
}

impl Quantiser {
    /// For a `[rows, cols]` matrix.
    ///
    /// # Errors
    /// [`QuantError::Group`].
    pub fn new(scheme: Scheme, rows: usize, cols: usize) -> Result<Self, QuantError> {
        let group = usize::from(scheme.format.group);
        let layout = scheme.format.layout(rows, cols).ok_or(QuantError::Group { cols, group })?;
        Ok(Self { scheme, layout, cols, tail: vec![0; layout.bytes - layout.scales_at] })
    }

    /// Codes of whole rows, the first of which is row `first` of the matrix; they lie at byte
    /// [`code_offset`](Self::code_offset) of it.
    ///
    /// # Errors
    /// [`QuantError`].
    ///
    /// # Panics
    /// When the rows are not of this matrix.
    pub fn rows(&mut self, first: usize, values: &[f32]) -> Result<Vec<u8>, QuantError> {
        let group = usize::from(self.scheme.format.group);
        if !values.len().is_multiple_of(self.cols) {
            let want = values.len().next_multiple_of(self.cols) * 4;
            return Err(QuantError::Length { got: values.len() * 4, want });
        }
        let mut packed = vec![0; values.len() * self.scheme.format.bits.count() / 8];
        let group_bytes = group * self.scheme.format.bits.count() / 8;
        for (at, weights) in values.chunks_exact(group).enumerate() {
            let codes = self.scheme.rule.codes(self.scheme.format.bits, weights).map_err(|error| match error {
                QuantError::NotFinite { at: within, value } => {
                    QuantError::NotFinite { at: at * group % self.cols + within, value }
                }
                other => other,
            })?;
            self.pack(&codes, &mut packed[at * group_bytes..(at + 1) * group_bytes]);
            self.keep(first * self.cols / group + at, &codes)?;
        }
        Ok(packed)
    }

    /// Where the codes of row `row` lie.
    pub fn code_offset(&self, row: usize) -> usize {
        row * self.cols * self.scheme.format.bits.count() / 8
    }

    /// Where scales and zeros lie, and their bytes, once all rows were seen.
    pub fn tail(&self) -> (usize, &[u8]) {
        (self.layout.scales_at, &self.tail)
    }

    fn pack(&self, codes: &GroupCodes, target: &mut [u8]) {
        // Stored eight-bit codes are signed, stored four-bit ones are not.
        let shift = match (self.scheme.format.bits, self.scheme.rule) {
            (Bits::Four, Rule::Symmetric) => 8,
            (Bits::Eight, Rule::Asymmetric) => -128,
            _ => 0,
        };
        let byte = |code: i32| (code + shift).to_le_bytes()[0];
        match self.scheme.format.bits {
            Bits::Eight => target.iter_mut().zip(&codes.codes).for_each(|(target, code)| *target = byte(*code)),
            Bits::Four => {
                let (low, high) = codes.codes.split_at(codes.codes.len() / 2);
                for (target, (low, high)) in target.iter_mut().zip(low.iter().zip(high)) {
                    *target = byte(*low) | byte(*high) << 4;
                }
            }
        }
    }

    /// Scale and zero of group `at` of the matrix.
    fn keep(&mut self, at: usize, codes: &GroupCodes) -> Result<(), QuantError> {
        if self.scheme.format.half_scales {
            let scale = f16::from_f64(codes.scale);
            if scale.is_infinite() {
                return Err(QuantError::ScaleTooLarge { scale: codes.scale });
            }
            self.tail[at * 2..at * 2 + 2].copy_from_slice(&scale.to_le_bytes());
        } else {
            // Rounded to the nearest f32: that is the stored scale.
            #[allow(clippy::cast_possible_truncation)]
            let scale = codes.scale as f32;
            self.tail[at * 4..at * 4 + 4].copy_from_slice(&scale.to_le_bytes());
        }
        if let Some(zero) = codes.zero {
            let zeros = &mut self.tail[self.layout.zeros_at - self.layout.scales_at..];
            let zero = zero.to_le_bytes()[0];
            match self.scheme.format.bits {
                Bits::Eight => zeros[at] = zero,
                Bits::Four => zeros[at / 2] |= zero << (4 * (at % 2)),
            }
        }
        Ok(())
    }
}
