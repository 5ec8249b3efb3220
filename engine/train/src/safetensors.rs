//! The container of checkpoints: a length, a JSON header, f32 elements (huggingface.co/docs/safetensors).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::TrainError;

/// Bytes of a header that is read at most.
const HEADER_BYTES_MAX: u64 = 100_000_000;

/// One tensor of f32.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// What a file holds.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) metadata: BTreeMap<String, String>,
    /// Shape and elements by name.
    pub(crate) tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

/// A file of these tensors in the order of their names.
pub(crate) fn write(mut entries: Vec<Entry>, metadata: &BTreeMap<&str, String>) -> Vec<u8> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut header = Map::new();
    header.insert("__metadata__".to_owned(), json!(metadata));
    let mut at = 0;
    for entry in &entries {
        let end = at + entry.values.len() * 4;
        let value = json!({ "dtype": "F32", "shape": entry.shape, "data_offsets": [at, end] });
        header.insert(entry.name.clone(), value);
        at = end;
    }
    let mut text = Value::Object(header).to_string();
    // Elements start at a multiple of 8.
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.bytes());
    bytes.reserve_exact(at);
    entries.iter().for_each(|entry| bytes.extend_from_slice(bytemuck::cast_slice(&entry.values)));
    bytes
}

/// Reads a file that [`write`] made.
pub(crate) fn read(bytes: &[u8]) -> Result<File, TrainError> {
    let wrong = |what: String| TrainError::Checkpoint { what };
    let length = bytes.first_chunk::<8>().map(|first| u64::from_le_bytes(*first));
    let length = length.filter(|length| *length <= HEADER_BYTES_MAX && *length <= bytes.len() as u64 - 8);
    let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
        return Err(wrong(format!("its {} bytes hold no whole header: it is cut off or no checkpoint", bytes.len())));
    };
    let (header, data) = bytes[8..].split_at(length);
    let header: Map<String, Value> =
        serde_json::from_slice(header).map_err(|error| wrong(format!("its header is no JSON: {error}")))?;
    let mut file = File { metadata: BTreeMap::new(), tensors: BTreeMap::new() };
    for (name, value) in header {
        if name == "__metadata__" {
            let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            file.metadata = value.as_object().into_iter().flatten().filter_map(text).collect();
            continue;
        }
        let numbers = |key: &str| {
            let list = value.get(key).and_then(Value::as_array);
            list.and_then(|list| list.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok())).collect())
        };
        let shape: Option<Vec<usize>> = numbers("shape");
        let range: Option<Vec<usize>> = numbers("data_offsets");
        let f32s = value.get("dtype").and_then(Value::as_str) == Some("F32");
        let (Some(shape), Some([from, to]), true) = (shape, range.as_deref(), f32s) else {
            return Err(wrong(format!("`{name}` is not described as F32 of a shape and a range")));
        };
        let elements = shape.iter().try_fold(4_usize, |bytes, size| bytes.checked_mul(*size));
        let Some(part) = data.get(*from..*to).filter(|part| elements == Some(part.len())) else {
            let have = data.len();
            return Err(wrong(format!(
                "`{name}` lies in bytes {from}..{to} of {have}: the file is cut off or damaged"
            )));
        };
        file.tensors.insert(name, (shape, bytemuck::pod_collect_to_vec(part)));
    }
    Ok(file)
}
