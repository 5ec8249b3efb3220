//! From a folder or a host to the store.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use frugal_model::config::Config;
use frugal_model::weights::{ShardIndex, Stream};
use indicatif::{ProgressBar, ProgressStyle};

use super::copy::{self, each_chunk, failed};
use super::fetch::{Described, Remote, is_digest};
use super::{MANIFEST, Manifest, ManifestFile, Store, check_name, fit};
use crate::checkpoint::Model;
use crate::failure::{Failure, say};
use crate::file::lock_or;

/// Settings of a model, and whether one can do without.
const SMALL: [(&str, bool); 5] = [
    ("tokenizer.json", true),
    ("tokenizer_config.json", false),
    ("chat_template.jinja", false),
    ("generation_config.json", false),
    ("config.json", false),
];
const INDEX: &str = "model.safetensors.index.json";
const WEIGHTS: &str = "model.safetensors";
/// Digests of a folder's files, as `sha256sum` writes them.
const SUMS: &str = "SHA256SUMS";
/// Locked by whoever fills the folder; holds the source, so that another one's bytes are not gone on from.
const LOCK: &str = ".source";

/// Adds the model of a folder, a .gguf file or an address; gives its name and folder.
pub(crate) fn add(
    store: &Store,
    source: &str,
    name: Option<&str>,
    stop: &AtomicBool,
) -> Result<(String, PathBuf), Failure> {
    let is_address = ["https://", "http://"].iter().any(|scheme| source.starts_with(scheme));
    let name = name.map_or_else(|| name_of(source), str::to_owned);
    check_name(&name)?;
    let whole = store.place(&name);
    if whole.exists() {
        let message = format!("a model was added as `{name}` before");
        return Err(Failure::usage(message).hint(format!("choose another --name, or `frugal model rm {name}` first")));
    }
    let partial = store.partial(&name);
    fs::create_dir_all(&partial).map_err(|error| failed(&partial, error))?;
    let lock = lock(&partial, source)?;
    let digests = if is_address {
        fetch(source, &name, &partial, stop)
    } else {
        copy(Path::new(source), &name, &partial, stop).map(|()| HashMap::new())
    };
    let finished = digests.and_then(|digests| finish(source, &partial, &digests, stop));
    if let Err(failure) = finished {
        // What was fetched stays, to go on from; an empty folder is nothing to go on from.
        if names(&partial).is_ok_and(|names| names.is_empty()) || !is_address {
            drop(fs::remove_dir_all(&partial));
        }
        return Err(failure);
    }
    drop(lock);
    drop(fs::remove_file(partial.join(LOCK)));
    fs::rename(&partial, &whole).map_err(|error| failed(&whole, error))?;
    Ok((name, whole))
}

/// One command adds a model at a time; the lock goes with the process.
fn lock(partial: &Path, source: &str) -> Result<File, Failure> {
    let path = partial.join(LOCK);
    let mut options = File::options();
    let options = options.create(true).truncate(false).read(true).write(true);
    let mut file = options.open(&path).map_err(|error| failed(&path, error))?;
    lock_or(&file, || {
        let message = format!("{}: another command is adding this model", partial.display());
        Failure::usage(message).hint("let it finish, or choose another --name")
    })?;
    let mut before = String::new();
    file.read_to_string(&mut before).map_err(|error| failed(&path, error))?;
    if before != source {
        for name in names(partial)? {
            fs::remove_file(partial.join(&name)).map_err(|error| failed(partial, error))?;
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(|error| failed(&path, error))?;
        file.write_all(source.as_bytes()).map_err(|error| failed(&path, error))?;
    }
    Ok(file)
}

/// Files of a model in a folder that is being filled, in order.
fn names(partial: &Path) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(partial).map_err(|error| failed(partial, error))?;
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name != LOCK && name != MANIFEST);
    names.sort();
    Ok(names)
}

/// The last part of a path or address, without a GGUF file's ending.
fn name_of(source: &str) -> String {
    let path = source.split(['?', '#']).next().unwrap_or_default().trim_end_matches(['/', '\\']);
    let path = path.strip_suffix("/resolve/main").unwrap_or(path);
    let whole = Path::new(path);
    let canonical = whole.canonicalize().unwrap_or_else(|_| whole.to_path_buf());
    let last = canonical.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    last.strip_suffix(".gguf").map_or(last.clone(), str::to_owned)
}

/// Checks digests and headers, and writes the manifest.
fn finish(source: &str, partial: &Path, digests: &HashMap<String, String>, stop: &AtomicBool) -> Result<(), Failure> {
    let mut files = Vec::new();
    for file in names(partial)? {
        let path = partial.join(&file);
        let (bytes, sha256) = copy::digest(&path, stop)?;
        if digests.get(&file).is_some_and(|want| *want != sha256) {
            // To go on from damaged bytes would keep them.
            drop(fs::remove_file(&path));
            let message = format!("{file} has other content than its digest says");
            return Err(Failure::usage(message).hint("add it again; if it stays, the host serves a damaged copy"));
        }
        files.push(ManifestFile { file, bytes, sha256 });
    }
    if let Err(failure) = Model::find(partial) {
        // Complete, and no model: the next attempt asks the host again.
        for file in &files {
            drop(fs::remove_file(partial.join(&file.file)));
        }
        return Err(failure);
    }
    let path = partial.join(MANIFEST);
    let mut text =
        serde_json::to_vec_pretty(&Manifest::new(source.to_owned(), files)).map_err(|error| failed(&path, error))?;
    text.push(b'\n');
    let written = File::create(&path).and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()));
    written.map_err(|error| failed(&path, error))
}

fn bar(total_bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bytes}/{total_bytes} {bar:30} {bytes_per_sec}, {eta} left");
    let bar = ProgressBar::new(total_bytes);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}

fn copy(source: &Path, name: &str, partial: &Path, stop: &AtomicBool) -> Result<(), Failure> {
    let model = Model::find(source)?;
    let folder = model.folder();
    let mut files: Vec<PathBuf> = model.files().to_vec();
    let index = folder.join(INDEX);
    files.extend(index.is_file().then_some(index));
    for (small, required) in SMALL {
        let path = folder.join(small);
        if path.is_file() {
            files.push(path);
        } else if required {
            let message = format!("{}: there is no {small}", folder.display());
            return Err(Failure::usage(message).hint("a model needs its tokenizer beside its weights"));
        }
    }
    let bytes = |path: &PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let total = files.iter().map(bytes).sum();
    fit::tell(name, total, &model.config);
    let bar = bar(total);
    for from in files {
        let to = partial.join(from.file_name().unwrap_or_default());
        let mut reader = File::open(&from).map_err(|error| failed(&from, error))?;
        let mut writer = File::create(&to).map_err(|error| failed(&to, error))?;
        each_chunk(&mut reader, stop, &mut |chunk| {
            bar.inc(chunk.len() as u64);
            writer.write_all(chunk)
        })
        .map_err(|error| error.at(&to))?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Base address, and the GGUF file if it is one.
fn address(source: &str) -> (String, Option<String>) {
    let path = source.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if let Some((folder, file)) = path.rsplit_once('/').filter(|(_, file)| file.ends_with(".gguf")) {
        return (format!("{folder}/"), Some(file.to_owned()));
    }
    let is_repository = path.strip_prefix("https://huggingface.co/").is_some_and(|rest| rest.split('/').count() == 2);
    // A repository's page; its files lie below.
    (if is_repository { format!("{path}/resolve/main/") } else { format!("{path}/") }, None)
}

/// Fetches a model's files; gives the digests that are known.
fn fetch(source: &str, name: &str, partial: &Path, stop: &AtomicBool) -> Result<HashMap<String, String>, Failure> {
    let (base, gguf) = address(source);
    let remote = Remote::new(base);
    let mut digests = remote.small(SUMS, false)?.map(|bytes| sums(&bytes)).unwrap_or_default();
    let mut small = Vec::new();
    for (file, required) in SMALL {
        // The header of a GGUF file holds what config.json says otherwise.
        let required = required || file == "config.json" && gguf.is_none();
        if let Some(bytes) = remote.small(file, required)? {
            small.push((file, bytes));
        }
    }
    let (config, weights) = match &gguf {
        Some(file) => (gguf_config(&remote, file)?, vec![file.clone()]),
        None => {
            let bytes = small.iter().find(|(file, _)| *file == "config.json").map_or(&[][..], |(_, bytes)| bytes);
            let place = format!("{}config.json", remote.base);
            let config = Config::from_json(bytes).map_err(|error| Failure::usage(format!("{place}: {error}")))?;
            let index = remote.small(INDEX, false)?;
            let names = match &index {
                Some(bytes) => shards(bytes)?,
                None => vec![WEIGHTS.to_owned()],
            };
            small.extend(index.map(|bytes| (INDEX, bytes)));
            (config, names)
        }
    };
    let mut files = Vec::new();
    for file in weights {
        let Some(described) = remote.describe(&file)? else {
            let message = format!("{}: there is no {file}", remote.base);
            return Err(Failure::usage(message)
                .hint("it needs model.safetensors, its shards and their index, or name a .gguf file"));
        };
        if let Some(sha256) = &described.sha256 {
            digests.insert(file.clone(), sha256.clone());
        }
        files.push((file, described));
    }
    let small_bytes: u64 = small.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let total = files.iter().map(|(_, described)| described.bytes.unwrap_or(0)).sum::<u64>() + small_bytes;
    fit::tell(name, total, &config);
    for (file, bytes) in &small {
        let path = partial.join(file);
        fs::write(&path, bytes).map_err(|error| failed(&path, error))?;
    }
    download(&remote, &files, &digests, partial, total - small_bytes, stop)?;
    Ok(digests)
}

fn download(
    remote: &Remote,
    files: &[(String, Described)],
    digests: &HashMap<String, String>,
    partial: &Path,
    total: u64,
    stop: &AtomicBool,
) -> Result<(), Failure> {
    let bar = bar(total);
    let mut before = 0;
    for (file, described) in files {
        bar.set_position(before);
        remote.file(file, &partial.join(file), described, &bar, stop)?;
        before += described.bytes.unwrap_or(0);
        if !digests.contains_key(file) {
            bar.suspend(|| say(format_args!("{file} came without a digest, so its content is not checked")));
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Names of shards; each is a file of this folder.
fn shards(index: &[u8]) -> Result<Vec<String>, Failure> {
    let index = ShardIndex::read(INDEX, index).map_err(Failure::usage)?;
    Ok(index.files().into_iter().map(str::to_owned).collect())
}

fn gguf_config(remote: &Remote, file: &str) -> Result<Config, Failure> {
    let bytes = remote.describe(file)?.and_then(|described| described.bytes).unwrap_or(u64::MAX >> 1);
    let mut stream = Stream::new(file, bytes);
    remote.beginning(file, &mut |chunk| {
        stream.push(chunk, &mut |_, _| Ok(())).map_err(Failure::usage)?;
        Ok(stream.listing().is_none())
    })?;
    let listing = stream.listing();
    let metadata = listing.and_then(|listing| listing.metadata.as_ref());
    let Some((listing, metadata)) = listing.zip(metadata) else {
        return Err(Failure::usage(format!("{}{file}: this is no GGUF file", remote.base)));
    };
    let has_head = listing.entries.iter().any(|entry| entry.name == "output.weight");
    Config::from_gguf(metadata, has_head).map_err(|error| Failure::usage(format!("{}{file}: {error}", remote.base)))
}

/// Digests by file.
fn sums(bytes: &[u8]) -> HashMap<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let line = |line: &str| {
        let (digest, file) = line.split_once(char::is_whitespace)?;
        let file = file.trim_start().trim_start_matches(['*', ' ']);
        is_digest(digest).then(|| (file.trim_end().to_owned(), digest.to_ascii_lowercase()))
    };
    text.lines().filter_map(line).collect()
}
