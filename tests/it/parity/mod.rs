//! Parity with Hugging Face: files of `tests/vectors/parity`, which `tests/parity/make_checkpoints.py` made with its
//! libraries, so that nothing of ours judges itself.

mod logits;
mod templates;
mod tokenizers;
mod weights;

use std::collections::BTreeMap;
use std::fs;

use frugal_model::weights::{Catalog, Keep, ShardIndex, Stream, Tensors};
use sha2::{Digest, Sha256};

use crate::corpus;

/// Checkpoints, each in a folder of its own.
pub(crate) const MODELS: [&str; 3] = ["gpt2", "llama", "qwen2"];

pub(crate) fn bytes(path: &str) -> Vec<u8> {
    let path = corpus::folder("vectors/parity").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &str) -> serde_json::Value {
    serde_json::from_slice(&bytes(path)).unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Files of a folder below the vectors, by path.
fn tree(folder: &std::path::Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            tree(&entry.path(), &format!("{name}/"), files);
        } else if name != "MANIFEST.sha256" {
            files.insert(name, sha256(&fs::read(entry.path()).unwrap()));
        }
    }
}

/// The index of a checkpoint in shards.
fn index(model: &str) -> Option<ShardIndex> {
    let name = "model.safetensors.index.json";
    let path = format!("{model}/{name}");
    let exists = corpus::folder("vectors/parity").join(&path).exists();
    exists.then(|| ShardIndex::read(name, &bytes(&path)).unwrap())
}

/// The files that hold a checkpoint's tensors.
pub(crate) fn files(model: &str) -> Vec<String> {
    let one = || vec!["model.safetensors".to_owned()];
    index(model).map_or_else(one, |index| index.files().into_iter().map(str::to_owned).collect())
}

/// A checkpoint's tensors, read as an edge would: file by file, in chunks.
pub(crate) fn load(model: &str, keep: Keep) -> (Catalog, Tensors) {
    let index = index(model);
    let mut tensors = Tensors::new();
    let mut listings = Vec::new();
    for file in &files(model) {
        let content = bytes(&format!("{model}/{file}"));
        let mut stream = Stream::new(file, content.len() as u64);
        for chunk in content.chunks(4099) {
            stream.push(chunk, &mut |listing, piece| tensors.take(listing, &piece, keep)).unwrap();
        }
        listings.push(stream.finish().unwrap());
    }
    (Catalog::new(listings, index.as_ref()).unwrap(), tensors)
}

/// Name, shape and bytes of every tensor of a safetensors file, read in the plainest way.
pub(crate) fn plain(file: &[u8]) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let end = 8 + usize::try_from(u64::from_le_bytes(file[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&file[8..end]).unwrap();
    let counts = |value: &serde_json::Value| serde_json::from_value::<Vec<usize>>(value.clone()).unwrap();
    let tensors = header.iter().filter(|(name, _)| *name != "__metadata__");
    let read = |(name, entry): (&String, &serde_json::Value)| {
        let place = counts(&entry["data_offsets"]);
        (name.clone(), counts(&entry["shape"]), file[end + place[0]..end + place[1]].to_vec())
    };
    tensors.map(read).collect()
}

#[test]
fn the_vectors_are_the_ones_that_were_made() {
    let manifest = String::from_utf8(bytes("MANIFEST.sha256")).unwrap();
    let listed: BTreeMap<String, String> = manifest
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .map(|(digest, path)| (path.to_owned(), digest.to_owned()))
        .collect();
    let mut found = BTreeMap::new();
    tree(&corpus::folder("vectors/parity"), "", &mut found);
    assert!(found.len() > 40, "{} files", found.len());
    assert_eq!(found, listed);
}
