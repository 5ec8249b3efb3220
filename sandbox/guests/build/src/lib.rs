//! Verifies the built guests, rebuilds them by their recipes, and prepares them for the tab.
//!
//! Natively a guest runs as it was built. A browser needs it as core modules that count their own fuel:
//! [`tab::prepare`] splits the component with jco, instruments every module and writes one bundle.

mod artefact;
mod error;
mod rebuild;
pub mod tab;
mod transpile;
mod verify;

pub use artefact::{decompress, read_manifest};
pub use error::Error;
pub use rebuild::{Need, Recipe};
pub use verify::{Report, verify};
