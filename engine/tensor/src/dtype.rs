//! Element types, and how many bytes a matrix of them takes.

use crate::quant::QuantFormat;

/// How the elements of a matrix are stored. Arithmetic is in f32 whatever the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DType {
    /// IEEE binary32.
    F32,
    /// IEEE binary16: storage of weights and caches.
    F16,
    /// The upper half of a binary32: storage of weights.
    Bf16,
    /// Token ids, positions, row numbers.
    U32,
    /// Groups of integer codes with a scale each; weights only.
    Quant(QuantFormat),
}

impl DType {
    /// Bytes of a dense `[rows, cols]` matrix; a quantised one counts codes, scales and zeros, each part padded to
    /// 16 bytes. `None` when the count does not fit `usize`, or a quantised row is not whole groups.
    pub fn bytes(self, rows: usize, cols: usize) -> Option<usize> {
        let elements = rows.checked_mul(cols)?;
        match self {
            Self::F32 | Self::U32 => elements.checked_mul(4),
            Self::F16 | Self::Bf16 => elements.checked_mul(2),
            Self::Quant(format) => format.layout(rows, cols).map(|layout| layout.bytes),
        }
    }
}
