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
    ("tests/vectors/efficient_inference/attention_gqa.json", "golden numbers as they were made, gradients included"),
];

/// File names that the manifest of the guests lists.
fn guests() -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(root().join("public/guests/manifest.json")) else { return Vec::new() };
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let guests = manifest["guests"].as_array().unwrap();
    guests.iter().map(|guest| format!("public/guests/{}", guest["file"].as_str().unwrap())).collect()
}

#[test]
fn large_files_are_listed() {
    let guests = guests();
    let findings: Vec<String> = files()
        .iter()
        .filter(|file| file.bytes > BYTES_MAX)
        .filter(|file| !guests.contains(&file.path) && !LISTED.iter().any(|(path, _)| *path == file.path))
        .map(|file| format!("{}: {} bytes, at most {BYTES_MAX} unless listed", file.path, file.bytes))
        .collect();
    assert_none(&findings, "large files that no list names");
}

#[test]
fn listed_guests_are_there() {
    let known: Vec<String> = files().into_iter().map(|file| file.path).collect();
    let missing: Vec<String> = guests().into_iter().filter(|path| !known.contains(path)).collect();
    assert_none(&missing, "guests that the manifest lists but the tree lacks");
}
