//! Blocks of GGUF files, laid out as ours.

use super::{Bits, QuantError, Scheme};

/// Brings `q4_0` or `q8_0` blocks of a `[rows, cols]` matrix to the bytes that the scheme's format describes. A block is
/// an f16 scale and the codes of 32 weights; the codes are taken as they are.
///
/// # Errors
/// [`QuantError::Group`], and [`QuantError::Length`] when `blocks` is not exactly the matrix.
pub fn repack_ggml(scheme: Scheme, rows: usize, cols: usize, blocks: &[u8]) -> Result<Vec<u8>, QuantError> {
    let group = usize::from(scheme.format.group);
    let layout = scheme.format.layout(rows, cols).ok_or(QuantError::Group { cols, group })?;
    let codes = match scheme.format.bits {
        Bits::Four => group / 2,
        Bits::Eight => group,
    };
    let want = layout.codes_bytes / codes * (codes + 2);
    if blocks.len() != want {
        return Err(QuantError::Length { got: blocks.len(), want });
    }
    let mut packed = vec![0_u8; layout.bytes];
    for (at, block) in blocks.chunks_exact(codes + 2).enumerate() {
        packed[layout.scales_at + at * 2..][..2].copy_from_slice(&block[..2]);
        packed[at * codes..(at + 1) * codes].copy_from_slice(&block[2..]);
    }
    Ok(packed)
}

/// The blocks of a matrix that was quantised by `q4_0` or `q8_0`: what [`repack_ggml`] takes.
///
/// # Errors
/// [`QuantError::Group`], and [`QuantError::Length`] when `packed` is not exactly the matrix.
pub fn ggml_blocks(scheme: Scheme, rows: usize, cols: usize, packed: &[u8]) -> Result<Vec<u8>, QuantError> {
    let group = usize::from(scheme.format.group);
    let layout = scheme.format.layout(rows, cols).ok_or(QuantError::Group { cols, group })?;
    if packed.len() != layout.bytes {
        return Err(QuantError::Length { got: packed.len(), want: layout.bytes });
    }
    let codes = match scheme.format.bits {
        Bits::Four => group / 2,
        Bits::Eight => group,
    };
    let scales = packed[layout.scales_at..][..layout.scales_bytes].chunks_exact(2);
    let mut blocks = Vec::with_capacity(layout.codes_bytes + layout.scales_bytes);
    for (codes, scale) in packed[..layout.codes_bytes].chunks_exact(codes).zip(scales) {
        blocks.extend_from_slice(scale);
        blocks.extend_from_slice(codes);
    }
    Ok(blocks)
}
