//! Which guests a page offers: the file `guests/tab.json` beside it.

use frugal_fuel::{CostTable, Guest};
use serde::Deserialize;

use super::storage::Storage;
use super::{GuestError, fetch};
use crate::relay;

const FILE: &str = "tab.json";

/// The file.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct TabManifest {
    pub(crate) guests: Vec<TabGuest>,
}

/// One guest, prepared for tabs when the page was built.
#[derive(Debug, Deserialize)]
pub(crate) struct TabGuest {
    pub(crate) language: String,
    pub(crate) version: String,
    /// Of the artefact that is the yardstick, not of the files below.
    pub(crate) sha256: String,
    /// The table its modules charge by.
    cost_table: String,
    /// All core modules, compressed.
    pub(crate) bundle: TabFile,
    /// The script that joins them; absent for a guest that is one module.
    pub(crate) script: Option<TabFile>,
}

/// A file beside the manifest. Its name holds its digest, so that caches never mix two versions.
#[derive(Debug, Deserialize)]
pub(crate) struct TabFile {
    pub(crate) file: String,
    /// Of the file as it lies there, lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Its size, in bytes.
    pub(crate) bytes: u64,
}

impl TabGuest {
    /// The guest a job names; absent when this version cannot run it.
    pub(crate) fn guest(&self) -> Option<Guest> {
        if self.cost_table != CostTable::FUEL_1.name {
            return None;
        }
        let language = relay::language(&self.language)?;
        Some(Guest { language, version: self.version.clone(), sha256: self.sha256.clone() })
    }

    /// Everything to fetch.
    pub(crate) fn files(&self) -> impl Iterator<Item = &TabFile> {
        std::iter::once(&self.bundle).chain(&self.script)
    }
}

/// Reads the manifest from the network, or without one from storage. No manifest means no guests.
pub(crate) async fn read(folder_url: &str, storage: &Storage) -> TabManifest {
    let address = format!("{folder_url}{FILE}");
    let fetched: Result<_, GuestError> = fetch::fresh(&address).await;
    let (bytes, is_new) = match fetched {
        Ok(bytes) => (Some(bytes), true),
        Err(_) => (storage.get(&address).await.map(|bytes| bytes.to_vec()), false),
    };
    let manifest = bytes.as_deref().and_then(|bytes| serde_json::from_slice::<TabManifest>(bytes).ok());
    let Some(manifest) = manifest else { return TabManifest::default() };
    if is_new {
        let mut named: Vec<String> =
            manifest.guests.iter().flat_map(TabGuest::files).map(|file| format!("{folder_url}{}", file.file)).collect();
        named.push(address.clone());
        storage.keep_only(&named).await;
        let bytes = js_sys::Uint8Array::from(bytes.unwrap_or_default().as_slice());
        storage.put(&address, &bytes, "application/json").await;
    }
    manifest
}
