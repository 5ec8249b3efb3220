//! `frugal model quantize`.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use frugal_model::config::{Config, Family, Position, RopeOrder};
use frugal_model::weights::gguf::{gguf_name, writer};
use frugal_model::weights::{Encoding, Entry, Format, Keep, Listing, Stream, Tensors};
use frugal_tensor::quant::{Scheme, ggml_blocks};
use half::f16;

use super::info::architecture;
use crate::answer::Interrupt;
use crate::checkpoint::Model;
use crate::failure::{Failure, print, say};
use crate::store::StoreArgs;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// What stands beside the weights.
const SETTINGS: [&str; 4] =
    ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"];

/// Arguments of `frugal model quantize`.
#[derive(Args)]
pub(super) struct QuantizeArgs {
    /// Name of an added model, folder with config.json and *.safetensors, or a .gguf file; not quantised before
    #[arg(value_name = "NAME|DIR")]
    model: PathBuf,
    /// How matrices are stored; vectors stay f32
    #[arg(long, value_enum)]
    to: Storage,
    /// The .gguf file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

/// What the file format has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Storage {
    F16,
    #[value(name = "q8_0")]
    Q8_0,
    #[value(name = "q4_0")]
    Q4_0,
}

impl Storage {
    fn encoding(self) -> Encoding {
        match self {
            Self::F16 => Encoding::F16,
            Self::Q8_0 => Encoding::Q8_0,
            Self::Q4_0 => Encoding::Q4_0,
        }
    }
}

fn failed(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::infrastructure(format!("{}: {error}", path.display()))
}

/// Writes a model in fewer bits. The file appears under its name when it is whole.
pub(super) fn quantize(args: &QuantizeArgs) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let model = Model::find(&args.store.resolve(&args.model)?)?;
    let out = &args.out;
    if out.extension().is_none_or(|extension| extension != "gguf") {
        return Err(Failure::usage(format!("{}: the file's name must end in .gguf", out.display())));
    }
    if out.exists() {
        return Err(Failure::usage(format!("{}: this file exists", out.display())).hint("choose another --out"));
    }
    let plan = plan(&model, args.to)?;
    let new = out.with_extension("gguf.new");
    let written = write(&model, &plan, args.to, &new, &interrupt.stop).and_then(|()| check(&new, &plan.config));
    if let Err(failure) = written {
        drop(fs::remove_file(&new));
        return Err(failure);
    }
    fs::rename(&new, out).map_err(|error| failed(out, error))?;
    for name in SETTINGS {
        let (from, to) = (model.folder().join(name), out.with_file_name(name));
        if from.is_file() && !to.exists() {
            fs::copy(&from, &to).map_err(|error| failed(&to, error))?;
        }
    }
    let bytes = fs::metadata(out).map_or(0, |metadata| metadata.len());
    say(format_args!("{} bytes became {bytes}", model.catalog.weights_bytes()));
    print(&format!("{}\n", out.display()))
}

/// What is written.
struct Plan {
    /// As the new file says it.
    config: Config,
    tensors: Vec<writer::Planned>,
}

/// A tensor's name in the new file; `None` for what no model of this shape has.
fn name_of(model: &Model, listing: &Listing, entry: &Entry) -> Option<String> {
    let family = architecture(&model.config);
    if listing.metadata.is_some() {
        return Some(entry.name.clone());
    }
    // Checkpoints of the network without its head leave the first word out.
    let prefixes = ["", "model.", "transformer."];
    let name = prefixes.iter().find_map(|prefix| gguf_name(family, &format!("{prefix}{}", entry.name)));
    // A tied head is stored once, as the embedding.
    name.filter(|name| !model.config.tied || name != "output.weight")
}

/// Whether Hugging Face stores this one input by output.
fn is_turned(model: &Model, name: &str, shape: &[usize]) -> bool {
    let is_embedding = name.starts_with("token_embd") || name.starts_with("position_embd") || name == "output.weight";
    model.config.family == Family::Gpt2 && model.format == Format::Safetensors && shape.len() == 2 && !is_embedding
}

fn plan(model: &Model, to: Storage) -> Result<Plan, Failure> {
    let mut tensors = Vec::new();
    let mut left = Vec::new();
    for listing in model.catalog.files() {
        for entry in &listing.entries {
            if matches!(entry.encoding, Encoding::Q8_0 | Encoding::Q4_0) {
                let message = format!("{}: `{}` is quantised already", listing.file, entry.name);
                return Err(
                    Failure::usage(message).hint("begin with the model as it was published, in f32, f16 or bf16")
                );
            }
            let Some(name) = name_of(model, listing, entry) else { continue };
            let mut shape = entry.shape.clone();
            if is_turned(model, &name, &shape) {
                shape.reverse();
            }
            let wanted = to.encoding();
            let fits = shape.last().is_some_and(|cols| cols.is_multiple_of(wanted.block_elements()));
            let is_matrix = shape.len() == 2 && !name.starts_with("position_embd");
            if is_matrix && !fits {
                left.push(name.clone());
            }
            let encoding = if is_matrix && fits { wanted } else { Encoding::F32 };
            tensors.push(writer::Planned { name, shape, encoding });
        }
    }
    if !left.is_empty() {
        say(format_args!("{} matrices stay f32, their rows are not whole groups of 32: {}", left.len(), left[0]));
    }
    let mut config = model.config.clone();
    if let (Family::Llama, Position::Rope { order, .. }) = (config.family, &mut config.position) {
        *order = RopeOrder::Pairs;
    }
    Ok(Plan { config, tensors })
}

/// The file says the same model, or it is not kept: GGUF has no words for some of what a configuration can say.
fn check(new: &Path, want: &Config) -> Result<(), Failure> {
    let mut read = Model::find(new)?.config;
    // Which tokens end a text stands in generation_config.json beside the file, too.
    read.end.clone_from(&want.end);
    if read == *want {
        return Ok(());
    }
    let message = "a GGUF file cannot say all of this model's configuration";
    Err(Failure::usage(message).hint("hold its weights in fewer bits with --weights instead"))
}

fn write(model: &Model, plan: &Plan, to: Storage, new: &Path, stop: &AtomicBool) -> Result<(), Failure> {
    let header = writer::header(&writer::metadata(&plan.config), &plan.tensors).map_err(Failure::usage)?;
    let mut out = BufWriter::new(File::create(new).map_err(|error| failed(new, error))?);
    out.write_all(&header).map_err(|error| failed(new, error))?;
    let mut planned = plan.tensors.iter();
    let mut chunk = vec![0; CHUNK_BYTES];
    for path in model.files() {
        let mut file = File::open(path).map_err(|error| failed(path, error))?;
        let bytes = file.metadata().map_err(|error| failed(path, error))?.len();
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let (mut stream, mut tensors) = (Stream::new(&name, bytes), Tensors::new());
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Failure::interrupted());
            }
            let count = file.read(&mut chunk).map_err(|error| failed(path, error))?;
            if count == 0 {
                break;
            }
            let mut whole = Vec::new();
            let pushed = stream.push(&chunk[..count], &mut |listing, piece| {
                let Some(name) = name_of(model, listing, piece.entry) else { return Ok(()) };
                tensors.take(listing, &piece, Keep::Decoded)?;
                let is_whole = piece.start + piece.bytes.len() as u64 == piece.entry.len_bytes();
                if is_whole {
                    let taken: Vec<String> = tensors.names().map(str::to_owned).collect();
                    whole.extend(
                        taken.iter().filter_map(|taken| tensors.remove(taken)).map(|stored| (name.clone(), stored)),
                    );
                }
                Ok(())
            });
            pushed.map_err(Failure::usage)?;
            for (name, stored) in whole {
                // Files are read in the order in which the plan was made.
                let planned = planned.next().filter(|planned| planned.name == name);
                let planned = planned.ok_or_else(|| failed(path, "its header changed while it was read"))?;
                let values = arranged(model, planned, stored.values);
                let mut encoded = encode(&values, planned, to)?;
                encoded.resize(encoded.len().next_multiple_of(writer::ALIGNMENT), 0);
                out.write_all(&encoded).map_err(|error| failed(new, error))?;
            }
        }
        stream.finish().map_err(Failure::usage)?;
    }
    let file = out.into_inner().map_err(|error| failed(new, error))?;
    file.sync_all().map_err(|error| failed(new, error))
}

/// Rows in the order of the new file.
fn arranged(model: &Model, planned: &writer::Planned, values: Vec<f32>) -> Vec<f32> {
    let [rows, cols] = planned.shape[..] else { return values };
    if is_turned(model, &planned.name, &[cols, rows]) {
        return (0..rows * cols).map(|at| values[at % cols * rows + at / cols]).collect();
    }
    let halves = matches!(model.config.position, Position::Rope { order: RopeOrder::Halves, .. });
    let turns = [".attn_q.", ".attn_k."].iter().any(|part| planned.name.contains(part));
    if model.config.family != Family::Llama || !halves || !turns {
        return values;
    }
    // GGUF's Llama turns neighbours: row 2i of a head is row i of Hugging Face's, row 2i + 1 is row i + half.
    let half = model.config.head_size / 2;
    let source = |row: usize| {
        let (head, within) = (row / (2 * half), row % (2 * half));
        head * 2 * half + within % 2 * half + within / 2
    };
    (0..rows).flat_map(|row| values[source(row) * cols..][..cols].iter().copied()).collect()
}

fn encode(values: &[f32], planned: &writer::Planned, to: Storage) -> Result<Vec<u8>, Failure> {
    let scheme = match (planned.encoding, to) {
        (Encoding::F32, _) => return Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        (_, Storage::F16) => {
            let halves: Vec<f16> = values.iter().map(|value| f16::from_f32(*value)).collect();
            if let Some(at) = halves.iter().position(|half| !half.is_finite()) {
                let message = format!("{}: the weight {} exceeds f16", planned.name, values[at]);
                return Err(Failure::usage(message).hint("choose q8_0, whose scales exceed it only much later"));
            }
            return Ok(halves.iter().flat_map(|half| half.to_le_bytes()).collect());
        }
        (_, Storage::Q8_0) => Scheme::Q8_0,
        (_, Storage::Q4_0) => Scheme::Q4_0,
    };
    let cols = planned.shape.last().copied().unwrap_or(1);
    let refused = |error| Failure::usage(format!("{}: {error}", planned.name));
    let packed = scheme.quantise(values, cols).map_err(refused)?;
    ggml_blocks(scheme, values.len() / cols, cols, &packed).map_err(refused)
}
