//! `frugal model list`.

use std::collections::BTreeMap;

use frugal_model::weights::Encoding;
use serde_json::{Value, json};

use super::info::architecture;
use crate::checkpoint::Model;
use crate::failure::{Failure, print, say};
use crate::store::Store;

/// Digits of a digest that tell models apart for people.
const DIGEST_SHOWN: usize = 12;

/// One added model.
struct Listed {
    name: String,
    source: String,
    architecture: &'static str,
    parameters: u64,
    dtype: &'static str,
    bytes: u64,
    sha256: String,
}

/// Prints the added models; one that cannot be read is told on standard error.
pub(super) fn list(store: &Store, is_json: bool) -> Result<(), Failure> {
    let mut models = Vec::new();
    for name in store.names()? {
        match read(store, &name) {
            Ok(listed) => models.push(listed),
            Err(failure) => say(format_args!("{name}: {}", frugal_report::printable(&failure.sentence()))),
        }
    }
    if is_json {
        let models: Vec<Value> = models.iter().map(Listed::json).collect();
        return print(&format!("{}\n", json!({ "models": models })));
    }
    if models.is_empty() {
        say("no model was added yet: `frugal model add SOURCE` adds one");
    }
    let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
    for model in &models {
        let Listed { name, architecture, parameters, dtype, bytes, sha256, .. } = model;
        let digest = &sha256[..DIGEST_SHOWN.min(sha256.len())];
        print(&format!(
            "{name:width$}  {architecture:5}  {parameters:>12} parameters  {dtype:4}  {bytes:>12} bytes  {digest}\n"
        ))?;
    }
    Ok(())
}

impl Listed {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "source": self.source,
            "architecture": self.architecture,
            "parameters": self.parameters,
            "dtype": self.dtype,
            "bytes": self.bytes,
            "sha256": self.sha256,
        })
    }
}

fn read(store: &Store, name: &str) -> Result<Listed, Failure> {
    let (folder, manifest) = store.get(name)?;
    let model = Model::find(&folder)?;
    Ok(Listed {
        name: name.to_owned(),
        architecture: architecture(&model.config),
        parameters: model.config.parameters(),
        dtype: dtype(&model),
        bytes: manifest.bytes(),
        sha256: manifest.digest(),
        source: manifest.source,
    })
}

/// The storage that takes most bytes.
fn dtype(model: &Model) -> &'static str {
    let mut bytes: BTreeMap<&'static str, u64> = BTreeMap::new();
    for entry in model.catalog.files().iter().flat_map(|listing| &listing.entries) {
        let name = match entry.encoding {
            Encoding::F32 => "f32",
            Encoding::F16 => "f16",
            Encoding::Bf16 => "bf16",
            Encoding::Q8_0 => "q8_0",
            Encoding::Q4_0 => "q4_0",
            _ => "other",
        };
        *bytes.entry(name).or_default() += entry.len_bytes();
    }
    bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map_or("none", |(name, _)| name)
}
