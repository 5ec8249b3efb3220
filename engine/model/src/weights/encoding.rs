use half::{bf16, f16};

use super::TensorProblem;

/// How a file stores the elements of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// IEEE binary32, little-endian like all of these.
    F32,
    /// IEEE binary16.
    F16,
    /// The upper half of a binary32.
    Bf16,
    /// 32 signed bytes after one binary16 scale: `x = d · q`.
    Q8_0,
    /// 32 four-bit codes after one binary16 scale: `x = d · (q - 8)`; byte `i` holds code `i` low and `i + 16` high.
    Q4_0,
    /// IEEE binary64; listed, but no weights.
    F64,
    /// Signed bytes; listed, but no weights.
    I8,
    /// Signed 16 bit; listed, but no weights.
    I16,
    /// Signed 32 bit; listed, but no weights.
    I32,
    /// Signed 64 bit; listed, but no weights.
    I64,
    /// Bytes or truth values, as in stored attention masks; listed, but no weights.
    U8,
}

impl Encoding {
    /// Elements that are stored together; rows are whole blocks.
    pub fn block_elements(self) -> usize {
        match self {
            Self::Q8_0 | Self::Q4_0 => 32,
            _ => 1,
        }
    }

    /// Bytes of a block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::Q8_0 => 34,
            Self::Q4_0 => 18,
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 => 2,
            Self::I8 | Self::U8 => 1,
        }
    }

    /// Whether [`decode`](Self::decode) gives numbers for it.
    pub fn is_weights(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::Bf16 | Self::Q8_0 | Self::Q4_0)
    }

    /// Bytes of a tensor of this shape, last dimension contiguous.
    ///
    /// # Errors
    /// A zero dimension, an overflow, or a row that is not whole blocks.
    pub fn bytes(self, shape: &[usize]) -> Result<u64, TensorProblem> {
        if shape.contains(&0) {
            return Err(TensorProblem::ZeroDimension(shape.to_vec()));
        }
        let block = self.block_elements();
        let columns = shape.last().copied().unwrap_or(1);
        if columns % block != 0 {
            return Err(TensorProblem::PartialBlock { columns, encoding: self, block });
        }
        let elements = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        let bytes = elements.and_then(|elements| (elements / block).checked_mul(self.block_bytes()));
        // A Rust allocation has at most isize::MAX bytes.
        let bytes = bytes.filter(|&bytes| isize::try_from(bytes).is_ok()).ok_or(TensorProblem::TooLarge)?;
        Ok(bytes as u64)
    }

    /// Appends the elements of whole blocks to `out`; exact, every code has its f32.
    ///
    /// # Errors
    /// [`TensorProblem::NotWeights`] for the encodings that are only listed.
    ///
    /// # Panics
    /// Where `bytes` is not whole blocks: pieces of a [`Stream`](super::Stream) always are.
    pub fn decode(self, bytes: &[u8], out: &mut Vec<f32>) -> Result<(), TensorProblem> {
        assert_eq!(bytes.len() % self.block_bytes(), 0, "bytes must hold whole blocks");
        let blocks = bytes.chunks_exact(self.block_bytes());
        match self {
            Self::F32 => out.extend(blocks.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
            Self::F16 => out.extend(blocks.map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32())),
            Self::Bf16 => out.extend(blocks.map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32())),
            Self::Q8_0 => blocks.for_each(|block| {
                let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
                out.extend(block[2..].iter().map(|&code| scale * f32::from(code.cast_signed())));
            }),
            Self::Q4_0 => blocks.for_each(|block| {
                let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
                let value = |code: u8| scale * (f32::from(code) - 8.0);
                out.extend(block[2..].iter().map(|&pair| value(pair & 15)));
                out.extend(block[2..].iter().map(|&pair| value(pair >> 4)));
            }),
            _ => return Err(TensorProblem::NotWeights(self)),
        }
        Ok(())
    }
}
