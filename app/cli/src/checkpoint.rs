//! A model from a folder in a hub's layout, or from one GGUF file with the small files beside it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::{Args, ValueEnum};
use frugal_model::config::Config;
use frugal_model::decoder::{MatrixOrder, Precision, WeightType};
use frugal_model::template::Date;
use frugal_model::weights::{Catalog, Format, HEADER_BYTES_MAX, Listing, ShardIndex, Stream};
use frugal_session::{Limits, ModelFiles, OpenOptions, Opening, Session};
use frugal_tensor::DType;
use frugal_tensor::quant::Scheme;

use crate::backend::BackendChoice;
use crate::failure::{Failure, read};
use crate::store::StoreArgs;

/// Bytes of a weights file that are read at a time; Ctrl-C waits for one of them.
const CHUNK_BYTES: usize = 1 << 20;
/// Bytes above which a small file is none.
const SMALL_BYTES_MAX: u64 = 64 << 20;
/// Prompt tokens of a step; Ctrl-C waits for one of them.
const PREFILL_CHUNK: usize = 64;
/// Positions of a cache that nobody asked to be longer.
const CONTEXT_DEFAULT: usize = 4096;

/// Which model, and how it is held.
#[derive(Args)]
pub(crate) struct ModelArgs {
    /// Name of an added model, or folder with config.json, tokenizer.json and *.safetensors, or a .gguf file with
    /// tokenizer.json beside it
    #[arg(long, value_name = "NAME|DIR")]
    model: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
    /// Positions of prompt and answer together; at most the model's own
    #[arg(long, value_name = "N")]
    context: Option<usize>,
    /// How weights are held in memory
    #[arg(long, value_enum, default_value = "f32")]
    weights: Weights,
    /// What computes
    #[arg(long, value_enum, default_value = "auto")]
    backend: BackendChoice,
}

/// How a model is held and served.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// Positions of prompt and answer together.
    pub(crate) context: Option<usize>,
    pub(crate) weights: Weights,
    pub(crate) backend: BackendChoice,
    /// Requests at a time.
    pub(crate) slots: usize,
    /// Requests that may wait besides.
    pub(crate) queue_max: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Weights {
    F32,
    F16,
    #[value(name = "q8_0")]
    Q8_0,
    #[value(name = "q4_0")]
    Q4_0,
}

impl Weights {
    fn precision(self) -> Precision {
        Precision::uniform(match self {
            Self::F32 => WeightType::F32,
            Self::F16 => WeightType::F16,
            Self::Q8_0 => WeightType::Quant(Scheme::Q8_0),
            Self::Q4_0 => WeightType::Quant(Scheme::Q4_0),
        })
    }
}

/// The files of a model, and what their headers say.
pub(crate) struct Model {
    folder: PathBuf,
    /// The weights, in the order in which they are read.
    files: Vec<PathBuf>,
    pub(crate) format: Format,
    pub(crate) config: Config,
    pub(crate) catalog: Catalog,
}

fn shown(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// A file that is no weights: read whole, if it is not too large to be what it should be.
fn small(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::metadata(path).map_err(|error| Failure::usage(shown(path, error)))?.len();
    if bytes > SMALL_BYTES_MAX {
        let message = format!("{}: {bytes} bytes, at most {SMALL_BYTES_MAX} are read", path.display());
        return Err(Failure::usage(message).hint("this file should hold settings, not weights"));
    }
    read(path)
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    if path.exists() { small(path).map(Some) } else { Ok(None) }
}

impl Model {
    /// Reads configuration and headers.
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        if path.is_file() {
            let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
            return Self::read(folder, vec![path.to_path_buf()], None);
        }
        let entries = std::fs::read_dir(path).map_err(|error| {
            Failure::usage(shown(path, error)).hint("name a folder with a model in it, or a .gguf file")
        })?;
        let index_name = "model.safetensors.index.json";
        let index = optional(&path.join(index_name))?;
        let index = index.map(|bytes| ShardIndex::read(index_name, &bytes)).transpose().map_err(Failure::usage)?;
        let files = match &index {
            Some(index) => index.files().into_iter().map(|file| path.join(file)).collect(),
            None if path.join("model.safetensors").exists() => vec![path.join("model.safetensors")],
            None => {
                let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
                found.retain(|path| path.extension().is_some_and(|extension| extension == "gguf"));
                found
            }
        };
        match files.as_slice() {
            [] => Err(Failure::usage(format!("{}: no weights in this folder", path.display()))
                .hint("it needs model.safetensors, or its shards and their index, or a .gguf file")),
            [_, _, ..] if index.is_none() => {
                let message = format!("{}: {} .gguf files in this folder", path.display(), files.len());
                Err(Failure::usage(message).hint("name one of them with --model"))
            }
            _ => Self::read(path.to_path_buf(), files, index.as_ref()),
        }
    }

    fn read(folder: PathBuf, files: Vec<PathBuf>, index: Option<&ShardIndex>) -> Result<Self, Failure> {
        let mut formats = Vec::new();
        let mut listings = Vec::new();
        for file in &files {
            let (format, listing) = header(file)?;
            formats.push(format);
            listings.push(listing);
        }
        let catalog = Catalog::new(listings, index).map_err(Failure::usage)?;
        let format = formats.first().copied().unwrap_or(Format::Safetensors);
        let config = match catalog.files().first().and_then(|listing| listing.metadata.as_ref()) {
            Some(metadata) => {
                let has_head = catalog.get("lm_head.weight").is_some();
                Config::from_gguf(metadata, has_head).map_err(|error| Failure::usage(shown(&files[0], error)))?
            }
            None => {
                let path = folder.join("config.json");
                Config::from_json(&small(&path)?).map_err(|error| Failure::usage(shown(&path, error)))?
            }
        };
        Ok(Self { folder, files, format, config, catalog })
    }

    /// Loads it. `stop`: set when the load is to end.
    pub(crate) fn open(self, held: Held, stop: &AtomicBool) -> Result<Session, Failure> {
        let begun = Instant::now();
        let path = |name: &str| self.folder.join(name);
        let tokenizer = small(&path("tokenizer.json"))?;
        let template_path = path("chat_template.jinja");
        let template = optional(&template_path)?.map(String::from_utf8).transpose();
        let template = template.map_err(|error| Failure::usage(shown(&template_path, error)))?;
        let (settings, generation) =
            (optional(&path("tokenizer_config.json"))?, optional(&path("generation_config.json"))?);
        let files = ModelFiles {
            tokenizer: &tokenizer,
            tokenizer_config: settings.as_deref(),
            chat_template: template.as_deref(),
            generation_config: generation.as_deref(),
            today: today(),
        };
        let context = held.context.unwrap_or(CONTEXT_DEFAULT).min(self.config.context);
        let limits = Limits { slots: held.slots, context, chunk: PREFILL_CHUNK, cache: DType::F32 };
        let options = OpenOptions { limits, precision: held.weights.precision(), queue_max: held.queue_max };
        let order = match self.format {
            Format::Safetensors => MatrixOrder::Transformers,
            Format::Gguf => MatrixOrder::OutputFirst,
        };
        let place = self.folder.display().to_string();
        let refused = |error| Failure::usage(format!("{place}: {error}"));
        let mut opening = Opening::new(self.config, order, &files, options, held.backend.open()?).map_err(refused)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        for path in &self.files {
            let (mut file, mut stream) = begin(path)?;
            loop {
                if stop.load(Ordering::Relaxed) {
                    return Err(Failure::interrupted());
                }
                let count = file.read(&mut chunk).map_err(|error| Failure::usage(shown(path, error)))?;
                if count == 0 {
                    break;
                }
                opening.push(&mut stream, &chunk[..count]).map_err(refused)?;
            }
            stream.finish().map_err(|error| Failure::usage(format!("{place}: {error}")))?;
        }
        opening.finish(Some(begun.elapsed().as_secs_f64() * 1_000.0)).map_err(refused)
    }

    /// Where its small files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its weights, in the order in which they are read.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Whether it can answer a conversation, as far as its files say.
    pub(crate) fn has_chat_template(&self) -> bool {
        let settings = || std::fs::read_to_string(self.folder.join("tokenizer_config.json")).unwrap_or_default();
        self.folder.join("chat_template.jinja").exists() || settings().contains("\"chat_template\"")
    }
}

impl ModelArgs {
    /// The model that they name, loaded.
    pub(crate) fn open(&self, stop: &AtomicBool) -> Result<Session, Failure> {
        let held = Held { context: self.context, weights: self.weights, backend: self.backend, slots: 1, queue_max: 1 };
        Model::find(&self.store.resolve(&self.model)?)?.open(held, stop)
    }
}

fn begin(path: &Path) -> Result<(File, Stream), Failure> {
    let fault = |error| Failure::usage(shown(path, error));
    let file = File::open(path).map_err(fault)?;
    let bytes = file.metadata().map_err(fault)?.len();
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok((file, Stream::new(&name, bytes)))
}

/// What the header of a file says, of which no more is read than the header.
fn header(path: &Path) -> Result<(Format, Listing), Failure> {
    let (mut file, mut stream) = begin(path)?;
    let mut chunk = vec![0; 64 << 10];
    let mut format = None;
    let mut have = 0_u64;
    loop {
        let count = file.read(&mut chunk).map_err(|error| Failure::usage(shown(path, error)))?;
        format.get_or_insert_with(|| Format::of(&chunk[..count]));
        stream.push(&chunk[..count], &mut |_, _| Ok(())).map_err(Failure::usage)?;
        if let (Some(listing), Some(format)) = (stream.listing(), format) {
            return Ok((format, listing.clone()));
        }
        have += count as u64;
        if count == 0 || have > 2 * HEADER_BYTES_MAX {
            stream.finish().map_err(Failure::usage)?;
            return Err(Failure::usage(shown(path, "the header does not come to an end")));
        }
    }
}

/// Today in UTC, for templates that say the date.
fn today() -> Option<Date> {
    let now = crate::time::now_utc();
    let part = |range| now.get(range);
    Some(Date { year: part(0..4)?.parse().ok()?, month: part(5..7)?.parse().ok()?, day: part(8..10)?.parse().ok()? })
}
