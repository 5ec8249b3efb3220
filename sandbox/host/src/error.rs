//! What can go wrong before any job runs.

use std::path::PathBuf;

/// Why a runner could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody said how submitted modules are compiled.
    #[error(
        "no compiler was chosen; call `Builder::compilation` with `Compilation::Child` (or `InProcess` for trusted modules only)"
    )]
    NoCompilation,
    /// The engine refused its configuration.
    #[error("the engine cannot start on this machine: {0}")]
    Engine(String),
    /// The folder of compiled modules cannot be used.
    #[error("the folder {folder} for compiled modules cannot be used: {source}; choose another with FRUGAL_CACHE")]
    Cache {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A thread could not be started.
    #[error("cannot start the clock thread: {0}")]
    Thread(std::io::Error),
}

/// Why a guest could not be installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The bytes are not the guest they claim to be.
    #[error("guest {language} should have the SHA-256 {expected}, but these bytes have {actual}; fetch it again")]
    Digest {
        /// Language of the guest.
        language: String,
        /// Digest asked for.
        expected: String,
        /// Digest found.
        actual: String,
    },
    /// Guests are components measured by the engine's own fuel.
    #[error("guests run on the native meter only; build the runner with `Meter::Native`")]
    NativeMeterOnly,
    /// The artefact is not a guest this runner understands.
    #[error("guest {language} cannot be used: {message}; rebuild it with `frugal guest rebuild`")]
    Unusable {
        /// Language of the guest.
        language: String,
        /// What is wrong.
        message: String,
    },
}
