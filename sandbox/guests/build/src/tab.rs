//! Guests for the tab.
//!
//! The output folder gets `tab.json`, and for each guest one gzip bundle of its metered core modules and,
//! for a component, the script that links them. Files are named by the digest of the bundle, so caches
//! never mix two builds.

use std::fs;
use std::path::{Path, PathBuf};

use frugal_browser::bundle;
use frugal_fuel::CostTable;
use frugal_guests::{Artefact, ArtefactKind, sha256_hex};
use frugal_instrument::{Carrier, Globals, Options, instrument};
use serde_json::{Value, json};

use crate::transpile::{JCO_VERSION, Split, split};
use crate::{Error, decompress, read_manifest};

/// Level of the gzip bundles: one less than the slowest, which gains little.
const GZIP_LEVEL: u8 = 9;
/// Name of the only core module of a guest that is no component.
const SOLE_MODULE: &str = "guest.wasm";
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];

/// Where to read and write.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The committed guests with `manifest.json`, such as `public/guests`.
    pub guests: PathBuf,
    /// The folder with jco's `package.json` and lockfile.
    pub tools: PathBuf,
    /// Where finished files are kept for the next time.
    pub cache: PathBuf,
    /// Where the page wants them.
    pub out: PathBuf,
}

impl Folders {
    /// The project's own folders, from its root.
    pub fn of_project(root: &Path, out: PathBuf) -> Self {
        Self {
            guests: root.join("public/guests"),
            tools: root.join("sandbox/guests/npm"),
            cache: root.join(".cache/guests"),
            out,
        }
    }
}

/// One guest as prepared.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Which guest.
    pub artefact: Artefact,
    /// True when nothing had to be made.
    pub cached: bool,
    /// Size of the compressed bundle, in bytes.
    pub bundle_bytes: u64,
}

/// Prepares every guest of the manifest. A second time with the same guests and the same meter copies files.
///
/// # Errors
/// [`Error`] with what to mend.
pub fn prepare(folders: &Folders) -> Result<Vec<Prepared>, Error> {
    let manifest = read_manifest(&folders.guests)?;
    fs::create_dir_all(&folders.out).map_err(Error::file(&folders.out))?;
    let mut entries = Vec::new();
    let mut prepared = Vec::new();
    for artefact in manifest.guests {
        let folder = folders.cache.join(cache_key(&artefact)?);
        let cached = folder.join("entry.json").is_file();
        if !cached {
            make(folders, &artefact, &folder)?;
        }
        let entry = publish(&folder, &folders.out)?;
        let bundle_bytes = entry["bundle"]["bytes"].as_u64().unwrap_or(0);
        entries.push(entry);
        prepared.push(Prepared { artefact, cached, bundle_bytes });
    }
    write_if_new(&folders.out.join("tab.json"), &serde_json::to_vec_pretty(&json!({ "guests": entries }))?)?;
    Ok(prepared)
}

/// Changes with the guest, with jco, and with this very program, which holds the meter.
fn cache_key(artefact: &Artefact) -> Result<String, Error> {
    let program = std::env::current_exe().map_err(Error::file("this program"))?;
    let meter = sha256_hex(&fs::read(&program).map_err(Error::file(&program))?);
    Ok(sha256_hex(format!("{} {JCO_VERSION} {meter}", artefact.sha256).as_bytes()))
}

fn make(folders: &Folders, artefact: &Artefact, folder: &Path) -> Result<(), Error> {
    let bytes = decompress(&folders.guests, artefact)?;
    let (modules, script) = match artefact.kind {
        ArtefactKind::Component => {
            let Split { modules, script } = split(&bytes, &folders.tools)?;
            (modules, Some(script))
        }
        ArtefactKind::Module => (vec![(SOLE_MODULE.to_owned(), bytes)], None),
    };
    let metered =
        modules.into_iter().map(|(name, bytes)| meter(artefact, name, &bytes)).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<_> = metered.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let inflated = bundle::write(&parts)?;
    let compressed = gzip(&inflated);
    let digest = sha256_hex(&compressed);
    let stem = format!("{}-{}.tab", artefact.language, &digest[..12]);
    let bundle_file = format!("{stem}.bundle");
    let script_file = format!("{stem}.js");
    let entry = json!({
        "language": artefact.language,
        "version": artefact.version,
        "sha256": artefact.sha256,
        "cost_table": CostTable::FUEL_1.name,
        "bundle": {"file": bundle_file, "sha256": digest, "bytes": compressed.len(), "inflated_bytes": inflated.len()},
        "script": script.as_ref().map(|script| json!({"file": script_file, "sha256": sha256_hex(script), "bytes": script.len()})),
    });
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    write_if_new(&folder.join(&bundle_file), &compressed)?;
    if let Some(script) = script {
        write_if_new(&folder.join(&script_file), &script)?;
    }
    // Last, because its presence says that the others are whole.
    write_if_new(&folder.join("entry.json"), &serde_json::to_vec(&entry)?)
}

fn meter(artefact: &Artefact, name: String, bytes: &[u8]) -> Result<(String, Vec<u8>), Error> {
    let options = Options {
        globals: Globals::Shared,
        canonicalise_nan: true,
        depth: false,
        entry: None,
        carrier: Carrier::Calls,
    };
    match instrument(bytes, &options) {
        Ok(metered) => Ok((name, metered)),
        Err(rejection) => Err(Error::Meter { name, language: artefact.language.clone(), rejection }),
    }
}

/// Copies a made guest into the output folder; returns its entry in `tab.json`.
fn publish(folder: &Path, out: &Path) -> Result<Value, Error> {
    let path = folder.join("entry.json");
    let entry: Value = serde_json::from_slice(&fs::read(&path).map_err(Error::file(&path))?)?;
    for part in ["bundle", "script"] {
        if let Some(file) = entry[part]["file"].as_str() {
            let source = folder.join(file);
            write_if_new(&out.join(file), &fs::read(&source).map_err(Error::file(&source))?)?;
        }
    }
    Ok(entry)
}

/// Writes a file whole or not at all, and leaves an equal one alone, so that watchers see no change.
fn write_if_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes).map_err(Error::file(&partial))?;
    fs::rename(&partial, path).map_err(Error::file(path))
}

/// The bytes as a gzip file, always the same for the same bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GZIP_HEADER.to_vec();
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, GZIP_LEVEL));
    out.extend(crc32(bytes).to_le_bytes());
    // The format wants the size modulo 2^32.
    out.extend(((bytes.len() as u64 & 0xffff_ffff) as u32).to_le_bytes());
    out
}

/// The checksum of RFC 1952.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (value, slot) in (0..).zip(table.iter_mut()) {
        *slot = (0..8).fold(value, |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 });
    }
    !bytes.iter().fold(!0, |crc: u32, &byte| table[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_format() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn a_gzip_file_holds_the_bytes() {
        let bytes = b"frugal ".repeat(1000);
        let file = gzip(&bytes);
        let deflated = &file[GZIP_HEADER.len()..file.len() - 8];
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(deflated).ok(), Some(bytes));
        assert!(file.len() < 200);
    }
}
