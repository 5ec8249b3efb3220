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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use frugal_guests::sha256_hex;
    use serde_json::json;

    use super::*;

    /// A folder of guests with one small artefact; `change` edits its manifest entry.
    fn folder(change: impl Fn(&mut serde_json::Value)) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let bytes = b"\0asm\x01\0\0\0";
        let sha256 = sha256_hex(bytes);
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut bytes.as_slice(), &mut compressed, &brotli::enc::BrotliEncoderParams::default())
            .unwrap();
        let file = format!("python-{}.wasm.br", &sha256[..12]);
        let mut entry = json!({
            "language": "python", "version": "test", "sha256": sha256, "file": file, "bytes": bytes.len(),
            "compressed_bytes": compressed.len(), "kind": "module", "recipe": "none", "licence": "licence.txt",
        });
        change(&mut entry);
        fs::write(folder.path().join(&file), compressed).unwrap();
        fs::write(folder.path().join("licence.txt"), "free").unwrap();
        fs::write(folder.path().join("manifest.json"), json!({"guests": [entry]}).to_string()).unwrap();
        folder
    }

    #[test]
    fn a_whole_artefact_is_reported() {
        assert_eq!(verify(folder(|_| ()).path()).unwrap()[0].artefact.version, "test");
    }

    #[test]
    fn every_difference_is_found() {
        for (field, value) in
            [("bytes", json!(9)), ("compressed_bytes", json!(1)), ("licence", json!("none.txt")), ("kind", json!("x"))]
        {
            assert!(verify(folder(|entry| entry[field] = value.clone()).path()).is_err(), "{field}");
        }
        let other = folder(|_| ());
        let file = fs::read_dir(other.path()).unwrap().map(|entry| entry.unwrap().path());
        let file = file.filter(|path| path.extension().is_some_and(|end| end == "br")).last().unwrap();
        let mut compressed = Vec::new();
        brotli::BrotliCompress(&mut b"else".as_slice(), &mut compressed, &Default::default()).unwrap();
        fs::write(&file, compressed).unwrap();
        assert!(matches!(verify(other.path()), Err(Error::Digest { .. })));
        fs::write(&file, b"not brotli").unwrap();
        assert!(matches!(verify(other.path()), Err(Error::Damaged { .. } | Error::Digest { .. })));
    }
}
