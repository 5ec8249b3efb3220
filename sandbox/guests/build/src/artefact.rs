//! Reading the committed artefacts.

use std::fs;
use std::path::Path;

use frugal_guests::{Artefact, Manifest, sha256_hex};

use crate::Error;

/// Reads `manifest.json` in the folder of guests.
///
/// # Errors
/// [`Error`] when it is missing or cannot be used.
pub fn read_manifest(guests: &Path) -> Result<Manifest, Error> {
    let path = guests.join("manifest.json");
    let bytes = fs::read(&path).map_err(Error::file(path))?;
    Ok(Manifest::from_json(&bytes)?)
}

/// The uncompressed bytes of an artefact, checked against its digest.
///
/// # Errors
/// [`Error`] when the file is missing, damaged or another one.
pub fn decompress(guests: &Path, artefact: &Artefact) -> Result<Vec<u8>, Error> {
    let path = guests.join(&artefact.file);
    let compressed = fs::read(&path).map_err(Error::file(&path))?;
    let mut bytes = Vec::with_capacity(usize::try_from(artefact.bytes).unwrap_or(0));
    brotli::BrotliDecompress(&mut compressed.as_slice(), &mut bytes)
        .map_err(|error| Error::Damaged { path: path.clone(), message: error.to_string() })?;
    let actual = sha256_hex(&bytes);
    if actual != artefact.sha256 {
        return Err(Error::Digest { path, actual, expected: artefact.sha256.clone() });
    }
    Ok(bytes)
}
