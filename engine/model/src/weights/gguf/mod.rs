//! GGUF versions 2 and 3, little-endian: metadata and a list of tensors, then padded bytes.
//!
//! Reference: `docs/gguf.md` of the ggml repository. Sizes stand fastest dimension first there, last here.

mod metadata;
mod names;
mod reader;
pub mod writer;

pub use metadata::{Metadata, Value};
pub use names::{gguf_name, hugging_face_name};

use super::{Encoding, Entry, Listing, TensorProblem, WeightsError};
use crate::shown::shown;
use reader::{Cut, Reader};

/// The first four bytes of a file.
pub const MAGIC: &[u8] = b"GGUF";

/// Where no metadata says another.
const ALIGNMENT_DEFAULT: u64 = 32;
/// Bytes of the shortest description of a tensor: name length, dimensions, encoding, offset.
const TENSOR_BYTES_MIN: u64 = 8 + 4 + 4 + 8;

/// Reads the header at the start of `first`; `None` where more bytes are needed.
pub(super) fn listing(file: &str, first: &[u8], file_bytes: u64) -> Result<Option<Listing>, WeightsError> {
    let mut reader = Reader::new(first, file_bytes);
    match read(&mut reader, file) {
        Ok(listing) => Ok(Some(listing)),
        Err(Fault::Cut(Cut::NeedsMore)) => Ok(None),
        Err(Fault::Cut(Cut::Invalid(problem))) => {
            let part = format!("byte {}", reader.position());
            Err(WeightsError::Header { file: file.into(), part, problem })
        }
        Err(Fault::Other(error)) => Err(*error),
    }
}

enum Fault {
    Cut(Cut),
    Other(Box<WeightsError>),
}

impl From<Cut> for Fault {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

impl From<WeightsError> for Fault {
    fn from(error: WeightsError) -> Self {
        Self::Other(Box::new(error))
    }
}

fn read(reader: &mut Reader<'_>, file: &str) -> Result<Listing, Fault> {
    reader.skip(4)?;
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        let swapped = if (2..=3).contains(&version.swap_bytes()) { ", big-endian" } else { "" };
        return Err(Cut::Invalid(format!("version {version}{swapped} is not read, only 2 and 3")).into());
    }
    let tensors = reader.u64()?;
    let pairs = reader.u64()?;
    // Counts are checked against what the file could hold before anything is reserved.
    reader.can_hold(tensors, TENSOR_BYTES_MIN, "tensors")?;
    let metadata = Metadata::read(reader, pairs)?;
    let alignment = metadata.integer("general.alignment").unwrap_or(ALIGNMENT_DEFAULT);
    if !alignment.is_power_of_two() || alignment > 1 << 16 {
        let problem = format!("the alignment {alignment} is no power of two up to 65536");
        return Err(Cut::Invalid(problem).into());
    }
    let mut raw = Vec::new();
    for _ in 0..tensors {
        raw.push(tensor(reader, file)?);
    }
    let data_start = reader.position().next_multiple_of(alignment);
    let file_bytes = reader.file_bytes();
    let mut entries = Vec::with_capacity(raw.len());
    for (name, encoding, shape, offset) in raw {
        let range = (|| {
            let length = encoding.bytes(&shape)?;
            let start = data_start.checked_add(offset).ok_or(TensorProblem::TooLarge)?;
            Ok(start..start.checked_add(length).ok_or(TensorProblem::TooLarge)?)
        })();
        let bytes =
            range.map_err(|problem| WeightsError::Tensor { file: file.into(), tensor: shown(&name), problem })?;
        entries.push(Entry { name, encoding, shape, bytes });
    }
    let data_start = data_start.min(file_bytes);
    let listing = Listing { file: file.into(), file_bytes, data_start, entries, metadata: Some(metadata) };
    Ok(listing.checked(alignment)?)
}

type RawTensor = (String, Encoding, Vec<usize>, u64);

fn tensor(reader: &mut Reader<'_>, file: &str) -> Result<RawTensor, Fault> {
    let name = reader.string()?;
    let fault = |problem| WeightsError::Tensor { file: file.into(), tensor: shown(&name), problem };
    let dimensions = reader.u32()?;
    // The format has at most four; a count beyond any limit is refused before its sizes are read.
    if dimensions > 64 {
        return Err(fault(TensorProblem::Dimensions { have: u64::from(dimensions), limit: 4 }).into());
    }
    let mut sizes = Vec::new();
    for _ in 0..dimensions {
        sizes.push(reader.u64()?);
    }
    sizes.reverse();
    let code = reader.u32()?;
    let offset = reader.u64()?;
    let encoding = encoding(code).map_err(fault)?;
    let shape = Entry::shape(&sizes).map_err(fault)?;
    Ok((name, encoding, shape, offset))
}

fn encoding(code: u32) -> Result<Encoding, TensorProblem> {
    let unread = |name: &str| Err(TensorProblem::UnknownEncoding(name.into()));
    Ok(match code {
        0 => Encoding::F32,
        1 => Encoding::F16,
        2 => Encoding::Q4_0,
        8 => Encoding::Q8_0,
        24 => Encoding::I8,
        25 => Encoding::I16,
        26 => Encoding::I32,
        27 => Encoding::I64,
        28 => Encoding::F64,
        30 => Encoding::Bf16,
        3 => return unread("q4_1"),
        6 => return unread("q5_0"),
        7 => return unread("q5_1"),
        9 => return unread("q8_1"),
        10 => return unread("q2_K"),
        11 => return unread("q3_K"),
        12 => return unread("q4_K"),
        13 => return unread("q5_K"),
        14 => return unread("q6_K"),
        15 => return unread("q8_K"),
        other => return unread(&format!("ggml type {other}")),
    })
}
