//! Where the workspace stands and which packages it has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::run::{Failure, capture, cargo};

/// Packages that enter the page or its worker and must therefore compile for the browser.
const WASM: [&str; 19] = [
    "frugal-bench",
    "frugal-browser",
    "frugal-decode",
    "frugal-flow",
    "frugal-fuel",
    "frugal-gpu",
    "frugal-guests",
    "frugal-instrument",
    "frugal-model",
    "frugal-nn",
    "frugal-report",
    "frugal-score",
    "frugal-session",
    "frugal-tensor",
    "frugal-ui",
    "frugal-web",
    "frugal-webworker",
    "frugal-widget",
    "frugal-wire",
];

/// The workspace as cargo sees it.
pub(crate) struct Workspace {
    /// Folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Folder in which native builds of the shared profile land.
    pub(crate) binaries: PathBuf,
    packages: BTreeSet<String>,
}

impl Workspace {
    /// Reads the members from `cargo metadata`.
    pub(crate) fn find() -> Result<Self, Failure> {
        let hint = "run `cargo xtask` inside a clone of the project; `cargo metadata` there says what is wrong";
        let text = capture(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))
            .ok_or_else(|| Failure::new("`cargo metadata` failed", hint))?;
        let metadata: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("`cargo metadata` gave no JSON: {error}"), hint))?;
        let path = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .ok_or_else(|| Failure::new(format!("no `{key}` in metadata"), hint))
        };
        let packages = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|package| package["name"].as_str().map(str::to_owned))
            .collect();
        Ok(Self { root: path("workspace_root")?, binaries: path("target_directory")?.join("debug"), packages })
    }

    /// Whether the workspace has this package.
    pub(crate) fn has(&self, package: &str) -> bool {
        self.packages.contains(package)
    }

    /// Whether the root holds this file or folder.
    pub(crate) fn holds(&self, path: impl AsRef<Path>) -> bool {
        self.root.join(path).exists()
    }

    /// Members that compile for the browser.
    pub(crate) fn wasm_packages(&self) -> impl Iterator<Item = &'static str> + '_ {
        WASM.into_iter().filter(|package| self.has(package))
    }
}
