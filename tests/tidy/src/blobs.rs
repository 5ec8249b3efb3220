//! Large files are few and listed: whoever clones the project downloads them.

use crate::assert_none;
use crate::tree::{files, root};

/// Larger files must be listed.
const BYTES_MAX: u64 = 256 * 1024;

/// Large files besides the guests, each with its reason.
const LISTED: &[(&str, &str)] = &[
    (
        "tests/vectors/code_efficiency/evalperf_published_table.json",
        "34 models x 118 tasks as published: win rates and aligned means need all of them; digest and recipe beside it",
    ),
    (
        "tests/vectors/alignment/tdpo.json",
        "golden numbers as they were made: logits and gradients over whole vocabularies",
    ),
    (
        "tests/vectors/alignment/kdrl.json",
        "golden numbers as they were made: logits and gradients over whole vocabularies",
    ),
    ("tests/vectors/efficient_inference/attention_gqa.json", "golden numbers as they were made, gradients included"),
];

/// File names that the manifest of the guests lists.
fn guests() -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(root().join("public/guests/manifest.json")) else { return Vec::new() };
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let guests = manifest["guests"].as_array().unwrap();
    guests.iter().map(|guest| format!("public/guests/{}", guest["file"].as_str().unwrap())).collect()
}

/// Files that the manifest of the models lists, with their digests.
fn models() -> Vec<(String, String)> {
    let Ok(text) = std::fs::read_to_string(root().join("public/models/manifest.json")) else { return Vec::new() };
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let models = manifest["models"].as_array().unwrap().iter();
    let files = models.flat_map(|model| {
        let name = model["name"].as_str().unwrap();
        let files = model["files"].as_array().unwrap().iter();
        files.map(move |file| {
            let path = format!("public/models/{name}/{}", file["file"].as_str().unwrap());
            (path, file["sha256"].as_str().unwrap().to_owned())
        })
    });
    files.collect()
}

#[test]
fn large_files_are_listed() {
    let mut guests = guests();
    guests.extend(models().into_iter().map(|(path, _)| path));
    let findings: Vec<String> = files()
        .iter()
        .filter(|file| file.bytes > BYTES_MAX)
        .filter(|file| !guests.contains(&file.path) && !LISTED.iter().any(|(path, _)| *path == file.path))
        .map(|file| format!("{}: {} bytes, at most {BYTES_MAX} unless listed", file.path, file.bytes))
        .collect();
    assert_none(&findings, "large files that no list names");
}

#[test]
fn listed_guests_and_models_are_there() {
    let known: Vec<String> = files().into_iter().map(|file| file.path).collect();
    let listed = guests().into_iter().chain(models().into_iter().map(|(path, _)| path));
    let missing: Vec<String> = listed.filter(|path| !known.contains(path)).collect();
    assert_none(&missing, "guests and models that a manifest lists but the tree lacks");
}
