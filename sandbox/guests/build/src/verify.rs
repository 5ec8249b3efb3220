//! Are the artefacts those that the manifest names?

use std::path::Path;

use frugal_guests::Artefact;

use crate::{Error, decompress, read_manifest};

/// One verified artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the manifest says of it; all of it holds.
    pub artefact: Artefact,
}

/// Checks each artefact in the folder of guests: it is there, decompresses, and has the digest, the
/// sizes and the licence file that the manifest names.
///
/// # Errors
/// [`Error`] for the first that does not.
pub fn verify(guests: &Path) -> Result<Vec<Report>, Error> {
    let manifest = read_manifest(guests)?;
    let mut reports = Vec::new();
    for artefact in manifest.guests {
        let bytes = decompress(guests, &artefact)?;
        let path = guests.join(&artefact.file);
        let compressed = std::fs::metadata(&path).map_err(Error::file(&path))?.len();
        for (what, actual, stated) in
            [("bytes", bytes.len() as u64, artefact.bytes), ("compressed_bytes", compressed, artefact.compressed_bytes)]
        {
            if actual != stated {
                let message = format!("it has {actual} {what}, but the manifest says {stated}");
                return Err(Error::Damaged { path, message });
            }
        }
        let licence = guests.join(&artefact.licence);
        std::fs::metadata(&licence).map_err(Error::file(licence))?;
        reports.push(Report { artefact });
    }
    Ok(reports)
}
