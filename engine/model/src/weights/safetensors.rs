//! The safetensors header: an 8-byte length, then JSON that maps each tensor's name to dtype, shape and byte range.
//!
//! The `safetensors` crate reads only whole files, keeps the last of two equal names and often cannot say which tensor
//! is at fault, so the header is read here; a fuzz target holds this reader against the crate's.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Encoding, Entry, HEADER_BYTES_MAX, Listing, TensorProblem, WeightsError};
use crate::shown::shown;

/// Bytes of the length before the header.
const LENGTH_BYTES: u64 = 8;

/// Bytes up to the end of the header, once the first eight have come.
pub(super) fn header_end(file: &str, first: &[u8], file_bytes: u64) -> Result<Option<u64>, WeightsError> {
    let Some(length) = first.first_chunk::<8>() else { return Ok(None) };
    let header_bytes = u64::from_le_bytes(*length);
    if header_bytes > HEADER_BYTES_MAX {
        return Err(WeightsError::HeaderTooLarge { file: file.into(), header_bytes });
    }
    let end = LENGTH_BYTES + header_bytes;
    if end > file_bytes {
        let part = "its header".to_owned();
        return Err(WeightsError::Truncated { file: file.into(), part, have_bytes: file_bytes, needed_bytes: end });
    }
    Ok(Some(end))
}

/// Reads a whole header, the eight bytes before it included.
pub(super) fn listing(file: &str, header: &[u8], file_bytes: u64) -> Result<Listing, WeightsError> {
    let data_start = header.len() as u64;
    let json = &header[8..];
    let fault = |problem: String| WeightsError::Header { file: file.into(), part: "the JSON".into(), problem };
    if !json.starts_with(b"{") {
        return Err(fault("it does not begin with `{`".into()));
    }
    let Header(tensors) = serde_json::from_slice(json).map_err(|error| fault(shown(&error.to_string())))?;
    let mut entries = Vec::with_capacity(tensors.len());
    for (name, raw) in tensors {
        match entry(&raw, data_start) {
            Ok((encoding, shape, bytes)) => entries.push(Entry { name, encoding, shape, bytes }),
            Err(problem) => {
                return Err(WeightsError::Tensor { file: file.into(), tensor: shown(&name), problem });
            }
        }
    }
    Listing { file: file.into(), file_bytes, data_start, entries, metadata: None }.checked(1)
}

type Checked = (Encoding, Vec<usize>, std::ops::Range<u64>);

fn entry(raw: &Raw, data_start: u64) -> Result<Checked, TensorProblem> {
    let encoding = encoding(&raw.dtype)?;
    let shape = Entry::shape(&raw.shape)?;
    let shape_bytes = encoding.bytes(&shape)?;
    let [start, end] = raw.data_offsets;
    let range_bytes = end.checked_sub(start).ok_or(TensorProblem::Backwards { start, end })?;
    if range_bytes != shape_bytes {
        return Err(TensorProblem::RangeLength { range_bytes, shape_bytes });
    }
    let at = |offset: u64| data_start.checked_add(offset).ok_or(TensorProblem::TooLarge);
    Ok((encoding, shape, at(start)?..at(end)?))
}

fn encoding(dtype: &str) -> Result<Encoding, TensorProblem> {
    Ok(match dtype {
        "F32" => Encoding::F32,
        "F16" => Encoding::F16,
        "BF16" => Encoding::Bf16,
        "F64" => Encoding::F64,
        "I8" => Encoding::I8,
        "I16" => Encoding::I16,
        "I32" => Encoding::I32,
        "I64" => Encoding::I64,
        "U8" | "BOOL" => Encoding::U8,
        other => return Err(TensorProblem::UnknownEncoding(shown(other))),
    })
}

/// The header as it stands: names in order, so that a name that comes twice is seen.
struct Header(Vec<(String, Raw)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    dtype: String,
    #[serde(deserialize_with = "sizes")]
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// A list of sizes that stops growing once it has more than any tensor may.
fn sizes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    struct Sizes;
    impl<'de> Visitor<'de> for Sizes {
        type Value = Vec<u64>;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of sizes")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u64>, A::Error> {
            let mut sizes = Vec::new();
            while let Some(size) = list.next_element()? {
                sizes.push(size);
                if sizes.len() > 64 {
                    return Err(A::Error::custom("a shape has more than 64 dimensions"));
                }
            }
            Ok(sizes)
        }
    }
    deserializer.deserialize_seq(Sizes)
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tensors;
        impl<'de> Visitor<'de> for Tensors {
            type Value = Header;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut tensors = Vec::new();
                let mut has_metadata = false;
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        if std::mem::replace(&mut has_metadata, true) {
                            return Err(A::Error::custom("`__metadata__` stands there twice"));
                        }
                        map.next_value::<Option<BTreeMap<String, String>>>()?;
                    } else {
                        let raw = map
                            .next_value()
                            .map_err(|error| A::Error::custom(format_args!("tensor `{}`: {error}", shown(&name))))?;
                        tensors.push((name, raw));
                    }
                }
                Ok(Header(tensors))
            }
        }
        deserializer.deserialize_map(Tensors)
    }
}
