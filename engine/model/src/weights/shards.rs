use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::WeightsError;
use crate::shown::shown;

/// `model.safetensors.index.json`: which file of a sharded model holds which tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardIndex {
    /// The index's own name, for messages.
    pub name: String,
    /// File of each tensor.
    pub file_of: BTreeMap<String, String>,
}

impl ShardIndex {
    /// Reads an index.
    ///
    /// # Errors
    /// [`WeightsError::Header`] for anything but an object with a `weight_map` from tensors to plain file names: an
    /// edge fetches what stands there, so a name may not lead to another folder or host.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, WeightsError> {
        let fault = |problem: String| WeightsError::Header { file: name.into(), part: "weight_map".into(), problem };
        if bytes.len() as u64 > super::HEADER_BYTES_MAX {
            return Err(WeightsError::HeaderTooLarge { file: name.into(), header_bytes: bytes.len() as u64 });
        }
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| fault(shown(&error.to_string())))?;
        if raw.weight_map.0.is_empty() {
            return Err(fault("it names no tensor".into()));
        }
        if let Some(file) = raw.weight_map.0.values().find(|file| !is_plain(file)) {
            return Err(fault(format!("`{}` is no plain file name that ends in .safetensors", shown(file))));
        }
        Ok(Self { name: name.into(), file_of: raw.weight_map.0 })
    }

    /// The files to fetch, each once.
    pub fn files(&self) -> BTreeSet<&str> {
        self.file_of.values().map(String::as_str).collect()
    }
}

fn is_plain(file: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    file.ends_with(".safetensors") && !file.starts_with('.') && file.len() <= 255 && file.chars().all(allowed)
}

#[derive(Deserialize)]
struct Raw {
    weight_map: WeightMap,
}

struct WeightMap(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for WeightMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Files;
        impl<'de> Visitor<'de> for Files {
            type Value = WeightMap;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object from tensors to files")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WeightMap, A::Error> {
                let mut files = BTreeMap::new();
                while let Some((tensor, file)) = map.next_entry::<String, String>()? {
                    if files.contains_key(&tensor) {
                        let name = shown(&tensor);
                        return Err(A::Error::custom(format_args!("tensor `{name}` is named twice")));
                    }
                    files.insert(tensor, file);
                }
                Ok(WeightMap(files))
            }
        }
        deserializer.deserialize_map(Files)
    }
}
