//! Where a model's files are, and what its small ones say.

use frugal_model::config::Config;
use frugal_model::weights::ShardIndex;
use frugal_session::{ModelFiles, OpenOptions};
use frugal_wire::{HeldAs, LocalFile, ModelAbout, ModelPlace, ShippedModel, WeightStorage};
use serde::Deserialize;
use web_sys::Url;

use super::Problem;
use super::download::{Remote, small};
use crate::scope::{property, scope};
use crate::storage::Storage;

/// Largest settings file, in bytes.
const SMALL_BYTES_MAX: u32 = 64 << 20;
/// What one memory of WebAssembly can hold, less what the engine needs besides.
const MEMORY_BYTES_MAX: u64 = (4 << 30) - (128 << 20);

const INDEX: &str = "model.safetensors.index.json";
const HINT_LAYOUT: &str =
    "A model is a folder with config.json, tokenizer.json and model.safetensors, or a .gguf file.";

/// The file `models/manifest.json` beside the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Manifest {
    models: Vec<Listed>,
}

#[derive(Debug, Clone, Deserialize)]
struct Listed {
    name: String,
    title: String,
    about: String,
    example: String,
    files: Vec<ListedFile>,
}

#[derive(Debug, Clone, Deserialize)]
struct ListedFile {
    file: String,
    sha256: String,
    bytes: u64,
}

impl Manifest {
    /// Reads it; a page without models has none, which is no error.
    pub(super) async fn read(base_url: &str) -> Self {
        let address = format!("{base_url}models/manifest.json");
        let bytes = small(&address, "manifest.json", SMALL_BYTES_MAX, false).await.ok().flatten();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    pub(super) fn shipped(&self) -> Vec<ShippedModel> {
        let shown = |model: &Listed| ShippedModel {
            name: model.name.clone(),
            title: model.title.clone(),
            about: model.about.clone(),
            example: model.example.clone(),
            download_bytes: model.files.iter().map(|file| file.bytes).sum(),
        };
        self.models.iter().map(shown).collect()
    }
}

/// Names to addresses.
enum Folder {
    Shipped { base: String, files: Vec<ListedFile> },
    Address { base: String },
    Files(Vec<LocalFile>),
}

impl Folder {
    fn remote(&self, name: &str) -> Option<Remote> {
        let name = name.to_owned();
        match self {
            Self::Shipped { base, files } => {
                let file = files.iter().find(|file| file.file == name)?;
                // Its digest in its address: a service worker or host that holds an older one is passed by.
                let address = format!("{base}{name}?{}", &file.sha256[..16.min(file.sha256.len())]);
                let (bytes, sha256) = (Some(file.bytes), Some(file.sha256.clone()));
                Some(Remote { name, address, bytes, sha256, keep: true })
            }
            Self::Address { base } => {
                Some(Remote { address: format!("{base}{name}"), name, bytes: None, sha256: None, keep: true })
            }
            Self::Files(files) => {
                let file = files.iter().find(|file| file.name == name)?;
                let (address, bytes) = (file.address.clone(), Some(file.bytes));
                Some(Remote { name, address, bytes, sha256: None, keep: false })
            }
        }
    }

    async fn small(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        match self.remote(name) {
            Some(remote) => small(&remote.address, name, SMALL_BYTES_MAX, false).await,
            None => Ok(None),
        }
    }

    async fn required(&self, name: &str) -> Result<Vec<u8>, Problem> {
        let bytes = match self.remote(name) {
            Some(remote) => small(&remote.address, name, SMALL_BYTES_MAX, true).await?,
            None => None,
        };
        bytes.ok_or_else(|| Problem::new(format!("there is no {name} in this place"), HINT_LAYOUT))
    }
}

/// A model whose small files are here.
pub(super) struct Found {
    pub(super) title: String,
    /// Absent for a GGUF file, whose header holds it.
    pub(super) config: Option<Config>,
    pub(super) weights: Vec<Remote>,
    tokenizer: Vec<u8>,
    tokenizer_config: Option<Vec<u8>>,
    chat_template: Option<String>,
    generation_config: Option<Vec<u8>>,
}

impl Found {
    pub(super) async fn read(place: &ModelPlace, base_url: &str, manifest: &Manifest) -> Result<Self, Problem> {
        let (title, folder, gguf) = locate(place, base_url, manifest)?;
        let (config, weights) = match gguf {
            Some(file) => {
                let missing = || Problem::new(format!("there is no {file} in this place"), HINT_LAYOUT);
                (None, vec![folder.remote(&file).ok_or_else(missing)?])
            }
            None => {
                let config = Config::from_json(&folder.required("config.json").await?)
                    .map_err(|error| Problem::new(format!("config.json: {error}"), "Choose another model."))?;
                (Some(config), weights(&folder).await?)
            }
        };
        let chat_template = folder.small("chat_template.jinja").await?.map(String::from_utf8).transpose();
        Ok(Self {
            title,
            config,
            weights,
            tokenizer: folder.required("tokenizer.json").await?,
            tokenizer_config: folder.small("tokenizer_config.json").await?,
            chat_template: chat_template
                .map_err(|error| Problem::new(format!("chat_template.jinja: {error}"), HINT_LAYOUT))?,
            generation_config: folder.small("generation_config.json").await?,
        })
    }

    pub(super) fn files(&self) -> ModelFiles<'_> {
        ModelFiles {
            tokenizer: &self.tokenizer,
            tokenizer_config: self.tokenizer_config.as_deref(),
            chat_template: self.chat_template.as_deref(),
            generation_config: self.generation_config.as_deref(),
            today: today(),
        }
    }

    pub(super) fn has_chat(&self) -> bool {
        let named = |bytes: &Vec<u8>| bytes.windows(15).any(|window| window == b"\"chat_template\"");
        self.chat_template.is_some() || self.tokenizer_config.as_ref().is_some_and(named)
    }

    /// What it is made of and whether it fits. Asks for the sizes that are not known yet.
    pub(super) async fn about(
        &mut self,
        config: &Config,
        held: HeldAs,
        storage: &Storage,
    ) -> Result<ModelAbout, Problem> {
        let (mut all, mut kept) = (0, 0);
        for remote in &mut self.weights {
            all += remote.measure().await?;
            kept += if remote.keep { remote.kept_bytes(storage).await } else { remote.bytes.unwrap_or(0) };
        }
        let parameters = config.parameters();
        let weights_bytes = held_bytes(parameters, held.weights);
        let context = context(config, held);
        let cache_bytes = 8 * (config.layers * config.kv_heads * config.head_size) as u64 * u64::from(context);
        let limit_bytes = memory_limit();
        Ok(ModelAbout {
            architecture: architecture(config).to_owned(),
            parameters,
            context: u32::try_from(config.context).unwrap_or(u32::MAX),
            download_bytes: all - kept,
            kept_bytes: kept,
            weights_bytes,
            cache_bytes,
            limit_bytes,
            fits: weights_bytes.saturating_add(cache_bytes) <= limit_bytes,
        })
    }
}

/// Positions of prompt and answer together.
pub(super) fn context(config: &Config, held: HeldAs) -> u32 {
    held.context.min(u32::try_from(config.context).unwrap_or(u32::MAX)).max(1)
}

pub(super) fn architecture(config: &Config) -> &'static str {
    use frugal_model::config::Family;
    match config.family {
        Family::Llama => "llama",
        Family::Qwen2 => "qwen2",
        Family::Gpt2 => "gpt2",
        _ => "other",
    }
}

/// Bytes of so many parameters: codes come in groups of 32 with a scale of 2 bytes.
fn held_bytes(parameters: u64, weights: WeightStorage) -> u64 {
    match weights {
        WeightStorage::F32 => parameters.saturating_mul(4),
        WeightStorage::F16 => parameters.saturating_mul(2),
        WeightStorage::Q8_0 => parameters.div_ceil(32).saturating_mul(34),
        WeightStorage::Q4_0 => parameters.div_ceil(32).saturating_mul(18),
    }
}

/// What one worker can have: the bound of WebAssembly, or of the machine where the browser tells it.
fn memory_limit() -> u64 {
    let device = property(&scope().navigator(), "deviceMemory").and_then(|gib| gib.as_f64());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few GiB")]
    let device_bytes = device.map(|gib| (gib * f64::from(1 << 30)) as u64);
    device_bytes.map_or(MEMORY_BYTES_MAX, |bytes| bytes.min(MEMORY_BYTES_MAX))
}

/// Title, folder, and the GGUF file if it is one.
fn locate(
    place: &ModelPlace,
    base_url: &str,
    manifest: &Manifest,
) -> Result<(String, Folder, Option<String>), Problem> {
    match place {
        ModelPlace::Shipped { name } => {
            let listed = manifest.models.iter().find(|model| &model.name == name);
            let listed = listed.ok_or_else(|| {
                Problem::new(format!("this page ships no model `{name}`"), "Choose one from the list.")
            })?;
            let base = format!("{base_url}models/{name}/");
            Ok((listed.title.clone(), Folder::Shipped { base, files: listed.files.clone() }, None))
        }
        ModelPlace::Address { address } => address_folder(address.trim()),
        ModelPlace::Files { files } => {
            let gguf = files.iter().find(|file| file.name.ends_with(".gguf")).map(|file| file.name.clone());
            let title = gguf.clone().unwrap_or_else(|| "files of yours".to_owned());
            Ok((title, Folder::Files(files.clone()), gguf))
        }
    }
}

fn address_folder(address: &str) -> Result<(String, Folder, Option<String>), Problem> {
    let hint = "Type the address of a folder with config.json in it, such as https://host/models/name/.";
    let problem = || Problem::new(format!("`{address}` is no address of the web"), hint);
    let url = Url::new(address).map_err(|_| problem())?;
    if !matches!(url.protocol().as_str(), "https:" | "http:") {
        return Err(problem());
    }
    let mut path = url.pathname().trim_end_matches('/').to_owned();
    let gguf = path.rsplit_once('/').filter(|(_, file)| file.ends_with(".gguf"));
    let gguf = gguf.map(|(folder, file)| (folder.to_owned(), file.to_owned()));
    let title = path.rsplit('/').next().unwrap_or("model").to_owned();
    if let Some((folder, _)) = &gguf {
        path.clone_from(folder);
    } else if url.hostname() == "huggingface.co" && path.split('/').count() == 3 {
        // A repository's page; its files lie below.
        path.push_str("/resolve/main");
    }
    let base = format!("{}{path}/", url.origin());
    Ok((title, Folder::Address { base }, gguf.map(|(_, file)| file)))
}

/// The weights: the shards of an index, or one file.
async fn weights(folder: &Folder) -> Result<Vec<Remote>, Problem> {
    let hint = "Fetch the model from where it was published.";
    let names = match folder.small(INDEX).await? {
        Some(bytes) => {
            let index = ShardIndex::read(INDEX, &bytes).map_err(|error| Problem::new(error, hint))?;
            index.files().into_iter().map(str::to_owned).collect()
        }
        None => vec!["model.safetensors".to_owned()],
    };
    let missing = |name: &str| Problem::new(format!("there is no {name} in this place"), HINT_LAYOUT);
    names.iter().map(|name| folder.remote(name).ok_or_else(|| missing(name))).collect()
}

/// Today in UTC, for templates that say the date.
fn today() -> Option<frugal_session::Date> {
    let now = crate::scope::now_utc();
    let part = |range: std::ops::Range<usize>| now.get(range);
    Some(frugal_session::Date {
        year: part(0..4)?.parse().ok()?,
        month: part(5..7)?.parse().ok()?,
        day: part(8..10)?.parse().ok()?,
    })
}

/// How the engine is to hold it.
pub(super) fn options(config: &Config, held: HeldAs) -> OpenOptions {
    use frugal_session::{DType, Limits, Precision, Scheme, WeightType};
    let weights = match held.weights {
        WeightStorage::F32 => WeightType::F32,
        WeightStorage::F16 => WeightType::F16,
        WeightStorage::Q8_0 => WeightType::Quant(Scheme::Q8_0),
        WeightStorage::Q4_0 => WeightType::Quant(Scheme::Q4_0),
    };
    let limits = Limits { slots: 1, context: context(config, held) as usize, chunk: 32, cache: DType::F32 };
    OpenOptions { limits, precision: Precision::uniform(weights), queue_max: 4 }
}
