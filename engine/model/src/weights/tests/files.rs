//! Weights files for tests, written by hand.

use crate::weights::{Keep, Stream, Tensors, WeightsError};

/// A safetensors file of these tensors: name, dtype, shape, bytes.
pub(super) fn safetensors(tensors: &[(&str, &str, &[usize], &[u8])]) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut data = Vec::new();
    for (name, dtype, shape, bytes) in tensors {
        let end = data.len() + bytes.len();
        entries
            .push(format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{},{end}]}}"#, data.len()));
        data.extend_from_slice(bytes);
    }
    with_header(&format!("{{{}}}", entries.join(",")), &data)
}

/// Any text as the header of a safetensors file.
pub(super) fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    file.extend_from_slice(data);
    file
}

pub(super) fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Name, sizes with the fastest first, ggml type, bytes.
pub(super) type Ggml<'a> = (&'a str, &'a [u64], u32, &'a [u8]);

/// A GGUF file of these metadata (key, kind and value as bytes) and tensors.
pub(super) fn gguf(version: u32, pairs: &[(&str, u32, Vec<u8>)], tensors: &[Ggml<'_>]) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    file.extend(version.to_le_bytes());
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((pairs.len() as u64).to_le_bytes());
    for (key, kind, value) in pairs {
        file.extend(text(key));
        file.extend(kind.to_le_bytes());
        file.extend(value);
    }
    let mut data: Vec<u8> = Vec::new();
    for (name, sizes, kind, bytes) in tensors {
        data.resize(data.len().next_multiple_of(32), 0);
        file.extend(text(name));
        file.extend(u32::try_from(sizes.len()).unwrap().to_le_bytes());
        sizes.iter().for_each(|size| file.extend(size.to_le_bytes()));
        file.extend(kind.to_le_bytes());
        file.extend((data.len() as u64).to_le_bytes());
        data.extend_from_slice(bytes);
    }
    file.resize(file.len().next_multiple_of(32), 0);
    file.extend(data);
    file
}

/// Reads a whole file, pushed in chunks.
pub(super) fn read(file: &[u8], chunk: usize) -> Result<Tensors, WeightsError> {
    read_as(file, chunk, Keep::Stored)
}

pub(super) fn read_as(file: &[u8], chunk: usize, keep: Keep) -> Result<Tensors, WeightsError> {
    let mut tensors = Tensors::new();
    let mut stream = Stream::new("f", file.len() as u64);
    for bytes in file.chunks(chunk.max(1)) {
        stream.push(bytes, &mut |listing, piece| tensors.take(listing, &piece, keep))?;
    }
    stream.finish()?;
    Ok(tensors)
}
