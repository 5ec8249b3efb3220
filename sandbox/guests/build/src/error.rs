//! What can go wrong, and how to mend it.

use std::path::PathBuf;

use frugal_fuel::{Language, Rejection};
use frugal_guests::ManifestError;

use crate::Need;

/// Why guests could not be verified or prepared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A compressed artefact is damaged.
    #[error("{path} cannot be decompressed: {message}; restore it from version control")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the decompressor said.
        message: String,
    },
    /// An artefact is not the one the manifest names.
    #[error("{path} has the digest {actual}, but the manifest says {expected}; restore it from version control")]
    Digest {
        /// Which file.
        path: PathBuf,
        /// Digest of the uncompressed bytes.
        actual: String,
        /// Digest in the manifest.
        expected: String,
    },
    /// A tool is missing or failed.
    #[error("{tool} failed: {message}; {mend}")]
    Tool {
        /// Which tool.
        tool: &'static str,
        /// Its exit status and last words.
        message: String,
        /// What to do.
        mend: &'static str,
    },
    /// There is no recipe beside the folder of guests.
    #[error("{script} is not there, so the {language} guest cannot be rebuilt; use a clone of the project")]
    NoRecipe {
        /// Of which guest.
        language: Language,
        /// Where it was looked for.
        script: PathBuf,
    },
    /// The machine lacks programs that a recipe runs.
    #[error("rebuilding the {language} guest needs {}, which this machine lacks", names(missing))]
    Needs {
        /// Of which guest.
        language: Language,
        /// What is missing, and how it is installed.
        missing: Vec<Need>,
    },
    /// A core module of a guest cannot be metered.
    #[error("core module {name} of the {language} guest cannot be metered: {rejection}")]
    Meter {
        /// Which module.
        name: String,
        /// Of which guest.
        language: String,
        /// Why.
        rejection: Rejection,
    },
    /// The modules do not fit a bundle.
    #[error(transparent)]
    Bundle(#[from] frugal_browser::bundle::BundleError),
    /// JSON could not be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}

fn names(needs: &[Need]) -> String {
    needs.iter().map(|need| need.name).collect::<Vec<_>>().join(" and ")
}
