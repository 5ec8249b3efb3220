//! Models that were added: a folder each, under a name, with a manifest of what was put there.

mod add;
mod copy;
mod fetch;
mod fit;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

pub(crate) use add::add;

/// The manifest in each folder.
const MANIFEST: &str = "frugal-model.json";
const SCHEMA: &str = "frugal.model/1";
/// Ending of a folder that is not complete.
const PARTIAL: &str = ".partial";
const NAME_BYTES_MAX: usize = 100;

/// Where added models are.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Folder of added models [default: FRUGAL_MODELS, else `frugal/models` in the platform's data folder]
    #[arg(long = "models", value_name = "DIR")]
    models_folder: Option<PathBuf>,
}

/// What a folder holds, and where that came from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    schema: String,
    pub(crate) source: String,
    pub(crate) files: Vec<ManifestFile>,
}

/// One file of a model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    pub(crate) file: String,
    pub(crate) bytes: u64,
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
}

impl Manifest {
    fn new(source: String, files: Vec<ManifestFile>) -> Self {
        Self { schema: SCHEMA.to_owned(), source, files }
    }

    fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(MANIFEST);
        let bad = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("{}: {error}", path.display())).hint("remove this model and add it again")
        };
        let bytes = fs::read(&path).map_err(|error| bad(&error))?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| bad(&error))?;
        if manifest.schema != SCHEMA {
            return Err(bad(&format!("its schema is `{}`, this version reads {SCHEMA}", manifest.schema)));
        }
        Ok(manifest)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Of the weights, or of the digests of their files where there are several.
    pub(crate) fn digest(&self) -> String {
        let is_weights = |file: &&ManifestFile| file.file.ends_with(".safetensors") || file.file.ends_with(".gguf");
        let weights: Vec<&str> = self.files.iter().filter(is_weights).map(|file| file.sha256.as_str()).collect();
        match weights.as_slice() {
            [only] => (*only).to_owned(),
            several => frugal_guests::sha256_hex(several.concat().as_bytes()),
        }
    }
}

/// The folder of added models.
pub(crate) struct Store {
    folder: PathBuf,
}

impl StoreArgs {
    /// The folder that they name, which need not exist.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = || {
            if cfg!(windows) {
                set("LOCALAPPDATA")
            } else if cfg!(target_os = "macos") {
                set("HOME").map(|home| home.join("Library/Application Support"))
            } else {
                set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")))
            }
        };
        let default = || data().map(|data| data.join("frugal").join("models"));
        let folder = self.models_folder.clone().or_else(|| set("FRUGAL_MODELS")).or_else(default);
        let none =
            || Failure::usage("there is no folder for models").hint("name one with --models DIR or FRUGAL_MODELS");
        Ok(Store { folder: folder.ok_or_else(none)? })
    }

    /// The place of a model that is named by its path, or by the name under which it was added.
    pub(crate) fn resolve(&self, model: &Path) -> Result<PathBuf, Failure> {
        let Some(name) = model.to_str().filter(|name| !model.exists() && check_name(name).is_ok()) else {
            return Ok(model.to_path_buf());
        };
        let store = self.store()?;
        let folder = store.place(name);
        if folder.join(MANIFEST).is_file() {
            return Ok(folder);
        }
        let hint = match store.names()?.as_slice() {
            [] => "name a folder with a model in it, a .gguf file, or add one by `frugal model add`".to_owned(),
            names => format!("added models are: {}", names.join(", ")),
        };
        Err(Failure::usage(format!("{name}: no such folder, and no model was added under this name")).hint(hint))
    }
}

impl Store {
    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn partial(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{PARTIAL}"))
    }

    /// Names of what was added, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, Failure> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Failure::usage(format!("{}: {error}", self.folder.display()))),
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter(|entry| entry.path().join(MANIFEST).is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.ends_with(PARTIAL))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Folder and manifest of an added model.
    pub(crate) fn get(&self, name: &str) -> Result<(PathBuf, Manifest), Failure> {
        let folder = self.place(name);
        Manifest::read(&folder).map(|manifest| (folder, manifest))
    }

    /// Removes a model, and what an interrupted download left of it; gives the bytes that it took.
    pub(crate) fn remove(&self, name: &str) -> Result<u64, Failure> {
        check_name(name)?;
        let (whole, partial) = (self.place(name), self.partial(name));
        let is_ours = whole.join(MANIFEST).is_file();
        if !is_ours && !partial.is_dir() {
            let message = format!("no model was added as `{name}` in {}", self.folder.display());
            return Err(Failure::usage(message).hint("`frugal model list` names what was"));
        }
        let bytes = Manifest::read(&whole).map_or(0, |manifest| manifest.bytes());
        let places = [(whole, is_ours), (partial.clone(), partial.is_dir())];
        for (place, _) in places.iter().filter(|(_, there)| *there) {
            fs::remove_dir_all(place)
                .map_err(|error| Failure::infrastructure(format!("{}: {error}", place.display())))?;
        }
        Ok(bytes)
    }
}

/// A name is one folder below the store, on every system.
fn check_name(name: &str) -> Result<(), Failure> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && name.len() <= NAME_BYTES_MAX && name.bytes().all(allowed) && !name.ends_with(PARTIAL) {
        return Ok(());
    }
    let message = format!("`{name}` cannot be the name of a model");
    Err(Failure::usage(message).hint(format!(
        "letters, digits, `.`, `_` and `-`, a letter or digit first, at most {NAME_BYTES_MAX}; give one with --name"
    )))
}
