//! The list of built guests that travels with the project.

use frugal_fuel::{Guest, Language};
use serde::{Deserialize, Serialize};

/// `public/guests/manifest.json`: every guest artefact and its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The artefacts, one for each language.
    pub guests: Vec<Artefact>,
}

/// One built guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// `python` or `javascript`.
    pub language: String,
    /// Interpreter and version, such as `cpython-3.14.0`.
    pub version: String,
    /// Lower-case hexadecimal SHA-256 of the uncompressed artefact.
    pub sha256: String,
    /// File beside the manifest, compressed with brotli.
    pub file: String,
    /// Size of the uncompressed artefact, in bytes.
    pub bytes: u64,
    /// Size of the file, in bytes.
    pub compressed_bytes: u64,
    /// Component or core module.
    pub kind: ArtefactKind,
    /// Where the recipe stands, from the root of the project.
    pub recipe: String,
    /// Where the licence stands, beside the manifest.
    pub licence: String,
}

/// What kind of WebAssembly an artefact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtefactKind {
    /// A component.
    Component,
    /// A core module.
    Module,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not the JSON expected.
    #[error("the guest manifest is not readable: {0}; restore public/guests/manifest.json")]
    Json(#[from] serde_json::Error),
    /// A field holds something else than it should.
    #[error("the guest manifest has {field} = `{value}` for {language}; restore public/guests/manifest.json")]
    Field {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: String,
        /// Of which guest.
        language: String,
    },
}

impl Manifest {
    /// Reads and checks the bytes of `manifest.json`.
    ///
    /// # Errors
    /// [`ManifestError`] with the field to mend. File names must be plain, digests 64 hexadecimal digits.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(bytes)?;
        manifest.guests.iter().try_for_each(Artefact::check)?;
        Ok(manifest)
    }

    /// The artefact of a language.
    pub fn find(&self, language: Language) -> Option<&Artefact> {
        self.guests.iter().find(|artefact| artefact.language == language.name())
    }

    /// The guest of a language, as jobs name it.
    pub fn guest(&self, language: Language) -> Option<Guest> {
        let artefact = self.find(language)?;
        Some(Guest { language, version: artefact.version.clone(), sha256: artefact.sha256.clone() })
    }
}

impl Artefact {
    fn check(&self) -> Result<(), ManifestError> {
        let bad = |field, value: &str| {
            Err(ManifestError::Field { field, value: value.to_owned(), language: self.language.clone() })
        };
        if ![Language::Python, Language::JavaScript].iter().any(|language| language.name() == self.language) {
            return bad("language", &self.language);
        }
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return bad("sha256", &self.sha256);
        }
        let expected = format!("{}-{}.wasm.br", self.language, &self.sha256[..12]);
        if self.file != expected {
            return bad("file", &self.file);
        }
        Ok(())
    }
}
