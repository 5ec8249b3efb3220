//! Added models: from folders and from hosts that break off, send pages or damage bytes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use frugal_model::weights::{Keep, Stream, Tensors};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::command::json;
use crate::{corpus, runner};

const WEIGHTS: &str = "model.safetensors";

fn frugal(store: &Path, arguments: &[&str]) -> Output {
    Command::new(runner::command()).args(arguments).env("FRUGAL_MODELS", store).output().unwrap()
}

#[track_caller]
fn good(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn refused(output: &Output, code: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{said} lacks one of {words:?}");
}

fn llama() -> String {
    corpus::folder("vectors/parity").join("llama").display().to_string()
}

fn tokens(store: &Path, model: &str) -> Value {
    let arguments = ["generate", "--model", model, "--prompt", "the cat", "--max-tokens", "8", "--json"];
    json(&frugal(store, &arguments))["tokens"].take()
}

#[test]
fn a_folder_is_added_listed_used_and_removed() {
    let store = tempfile::tempdir().unwrap();
    let store = store.path();
    let added = frugal(store, &["model", "add", &llama(), "--name", "small"]);
    good(&added);
    assert_eq!(String::from_utf8_lossy(&added.stdout), "small\n");
    let said = String::from_utf8_lossy(&added.stderr).into_owned();
    assert!(said.contains("45216 parameters") && said.contains("in memory"), "{said}");
    let listed = json(&frugal(store, &["model", "list", "--json"]));
    let model = &listed["models"][0];
    assert_eq!(
        (&model["name"], &model["parameters"], &model["dtype"]),
        (&json!("small"), &json!(45_216), &json!("f32"))
    );
    let weights = fs::read(format!("{}/{WEIGHTS}", llama())).unwrap();
    assert_eq!(model["sha256"], hex(&weights));
    assert_eq!(tokens(store, "small"), tokens(store, &llama()));
    let info = json(&frugal(store, &["model", "info", "small", "--json"]));
    assert_eq!(info["parameters"], 45_216);
    refused(&frugal(store, &["model", "add", &llama(), "--name", "small"]), 2, &["was added as `small`", "rm small"]);
    refused(&frugal(store, &["model", "info", "smal"]), 2, &["smal", "added models are: small"]);
    for name in ["../x", "a/b", ".hidden", "x.partial", ""] {
        refused(&frugal(store, &["model", "add", &llama(), "--name", name]), 2, &["cannot be the name"]);
        refused(&frugal(store, &["model", "rm", name]), 2, &["cannot be the name"]);
    }
    good(&frugal(store, &["model", "rm", "small"]));
    refused(&frugal(store, &["model", "rm", "small"]), 2, &["no model was added as `small`"]);
    assert_eq!(fs::read_dir(store).unwrap().count(), 0, "nothing is left");
    let broken = tempfile::tempdir().unwrap();
    refused(&frugal(store, &["model", "add", broken.path().to_str().unwrap(), "--name", "x"]), 2, &["no weights"]);
    assert_eq!(fs::read_dir(store).unwrap().count(), 0, "nothing is left of a model that is none");
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How a host treats the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Honest,
    /// Ends each answer after so many bytes of the body.
    BreaksOff(usize),
    /// The same, and always sends from the beginning.
    NoRanges(usize),
    Page,
    Damages,
    /// Is asked for a redirect first, which tells the digest.
    Hub,
}

/// A host of one folder; each request is noted as method, path and range.
struct Host {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn new(folder: &str, more: BTreeMap<String, Vec<u8>>, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/small", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, folder) = (Arc::clone(&asked), folder.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is no fault of the host.
                drop(serve(stream, &folder, &more, manner, &noted));
            }
        });
        Self { address, asked }
    }

    fn asked_for(&self, what: &str) -> Vec<String> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.contains(what)).cloned().collect()
    }
}

fn serve(
    mut stream: TcpStream,
    folder: &str,
    more: &BTreeMap<String, Vec<u8>>,
    manner: Manner,
    noted: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut from = None;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let range = line.to_ascii_lowercase();
        let range = range.strip_prefix("range: bytes=").and_then(|range| range.strip_suffix('-'));
        from = range.and_then(|range| range.parse::<usize>().ok()).or(from);
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    noted.lock().unwrap().push(format!("{method} {path} {from:?}"));
    let name = path.rsplit('/').next().unwrap_or_default();
    let stored = path.starts_with("/stored/");
    let Some(mut content) = more.get(name).cloned().or_else(|| fs::read(format!("{folder}/{name}")).ok()) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let (mut head, mut limit) = (String::from("HTTP/1.1 200 OK\r\n"), usize::MAX);
    if name == WEIGHTS {
        match manner {
            Manner::Honest => {}
            Manner::BreaksOff(bytes) => limit = bytes,
            Manner::NoRanges(bytes) => (from, limit) = (None, bytes),
            Manner::Page => {
                content = b"<!DOCTYPE html><html>Sign in</html>".to_vec();
                head.push_str("Content-Type: text/html; charset=utf-8\r\n");
            }
            Manner::Damages => *content.last_mut().unwrap() ^= 1,
            Manner::Hub if !stored => {
                let digest = hex(&content);
                let head = format!(
                    "HTTP/1.1 302 Found\r\nLocation: /stored/{name}\r\nX-Linked-Etag: \"{digest}\"\r\n\
                     X-Linked-Size: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    content.len()
                );
                return stream.write_all(head.as_bytes());
            }
            Manner::Hub => {}
        }
    }
    if let Some(from) = from.filter(|from| *from < content.len()) {
        let end = content.len();
        head = format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{end}\r\n", end - 1);
        content.drain(..from);
    }
    head.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n", content.len()));
    stream.write_all(head.as_bytes())?;
    if method == "HEAD" { Ok(()) } else { stream.write_all(&content[..content.len().min(limit)]) }
}

/// What `sha256sum` would say of the folder's weights.
fn sums() -> BTreeMap<String, Vec<u8>> {
    let weights = fs::read(format!("{}/{WEIGHTS}", llama())).unwrap();
    BTreeMap::from([("SHA256SUMS".to_owned(), format!("{}  {WEIGHTS}\n", hex(&weights)).into_bytes())])
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    let bytes = fs::metadata(format!("{}/{WEIGHTS}", llama())).unwrap().len();
    // The second attempt, or the last fifth of a percent.
    for limit in [100_000, usize::try_from(bytes).unwrap() * 998 / 1000] {
        let store = tempfile::tempdir().unwrap();
        let host = Host::new(&llama(), sums(), Manner::BreaksOff(limit));
        good(&frugal(store.path(), &["model", "add", &host.address]));
        let ranges = host.asked_for(&format!("GET /small/{WEIGHTS} "));
        assert_eq!(
            ranges,
            ["None".to_owned(), format!("Some({limit})")].map(|from| format!("GET /small/{WEIGHTS} {from}"))
        );
        assert_eq!(tokens(store.path(), "small"), tokens(store.path(), &llama()));
    }
}

#[test]
fn what_a_failed_download_left_is_gone_on_from() {
    let store = tempfile::tempdir().unwrap();
    let host = Host::new(&llama(), sums(), Manner::NoRanges(90_000));
    let failed = frugal(store.path(), &["model", "add", &host.address]);
    refused(&failed, 3, &["broke off at byte 90000", "hint: ", "goes on where it stopped"]);
    refused(&frugal(store.path(), &["model", "info", "small"]), 2, &["no model was added"]);
    // The same source goes on; here another port is another source, so the folder is moved over by hand.
    let partial = store.path().join("small.partial");
    assert_eq!(fs::metadata(partial.join(WEIGHTS)).unwrap().len(), 90_000);
    let honest = Host::new(&llama(), sums(), Manner::Honest);
    fs::write(partial.join(".source"), &honest.address).unwrap();
    good(&frugal(store.path(), &["model", "add", &honest.address]));
    assert_eq!(honest.asked_for(WEIGHTS).last().unwrap(), &format!("GET /small/{WEIGHTS} Some(90000)"));
    // Of another source nothing is kept.
    let other = tempfile::tempdir().unwrap();
    refused(&frugal(other.path(), &["model", "add", &host.address]), 3, &["broke off"]);
    let honest = Host::new(&llama(), BTreeMap::new(), Manner::Honest);
    let added = frugal(other.path(), &["model", "add", &honest.address]);
    good(&added);
    assert_eq!(honest.asked_for("GET /small/model.safetensors "), [format!("GET /small/{WEIGHTS} None")]);
    assert!(String::from_utf8_lossy(&added.stderr).contains("came without a digest"));
    assert_eq!(tokens(other.path(), "small"), tokens(store.path(), "small"));
}

#[test]
fn pages_damage_and_missing_files_are_refused() {
    let add = |more, manner| {
        let store = tempfile::tempdir().unwrap();
        let host = Host::new(&llama(), more, manner);
        let output = frugal(store.path(), &["model", "add", &host.address]);
        let left = store.path().join("small").exists() || store.path().join("small.partial").join(WEIGHTS).exists();
        assert!(!left, "{manner:?}");
        output
    };
    refused(&add(sums(), Manner::Page), 2, &[WEIGHTS, "web page", "hint: "]);
    refused(&add(sums(), Manner::Damages), 2, &[WEIGHTS, "other content than its digest says"]);
    let page = BTreeMap::from([("config.json".to_owned(), b"<html>".to_vec())]);
    refused(&add(page, Manner::Honest), 2, &["config.json"]);
    let lying = BTreeMap::from([("model.safetensors".to_owned(), u64::MAX.to_le_bytes().to_vec())]);
    refused(&add(lying, Manner::Honest), 2, &[WEIGHTS]);
    let empty = tempfile::tempdir().unwrap();
    let host = Host::new(empty.path().to_str().unwrap(), BTreeMap::new(), Manner::Honest);
    refused(&frugal(empty.path(), &["model", "add", &host.address]), 2, &["tokenizer.json", "404"]);
    refused(&frugal(empty.path(), &["model", "add", "http://127.0.0.1:9/small"]), 3, &["could not be fetched"]);
}

#[test]
fn a_hub_tells_digests_with_its_redirects_and_a_gguf_file_its_shape() {
    let store = tempfile::tempdir().unwrap();
    let hub = Host::new(&llama(), BTreeMap::new(), Manner::Hub);
    let added = frugal(store.path(), &["model", "add", &hub.address]);
    good(&added);
    assert!(!String::from_utf8_lossy(&added.stderr).contains("without a digest"));
    let folder = corpus::folder("vectors/parity/gguf").display().to_string();
    let tokenizer = fs::read(format!("{}/tokenizer.json", llama())).unwrap();
    let host = Host::new(&folder, BTreeMap::from([("tokenizer.json".to_owned(), tokenizer)]), Manner::Honest);
    good(&frugal(store.path(), &["model", "add", &format!("{}/llama-q8_0.gguf", host.address)]));
    let listed = json(&frugal(store.path(), &["model", "list", "--json"]));
    let names: Vec<&Value> = listed["models"].as_array().unwrap().iter().map(|model| &model["name"]).collect();
    assert_eq!(names, ["llama-q8_0", "small"]);
    assert_eq!(listed["models"][0]["dtype"], "q8_0");
    assert_eq!(tokens(store.path(), "llama-q8_0").as_array().unwrap().len(), 8);
}

#[test]
fn a_bench_measures_each_backend() {
    let store = tempfile::tempdir().unwrap();
    let arguments = ["model", "bench", &llama(), "--tokens", "8", "--prompt-tokens", "16", "--runs", "1"];
    let measured = json(&frugal(store.path(), &[&arguments[..], &["--json", "--backend", "cpu"]].concat()));
    let backend = &measured["backends"][0];
    assert!(backend["backend"].as_str().unwrap().starts_with("CPU, "), "{measured}");
    for name in ["prefill_tokens_per_second", "tokens_per_second", "token_p50_ms", "token_p90_ms", "token_p99_ms"] {
        assert!(backend[name].as_f64().unwrap() > 0.0, "{name}: {measured}");
    }
    // Two layers of keys and values of 16 columns for 24 positions, as f32.
    assert_eq!(backend["memory"]["cache_bytes"], 2 * 2 * 16 * 24 * 4);
    let table = frugal(store.path(), &[&arguments[..], &["--backend", "cpu"]].concat());
    assert!(String::from_utf8_lossy(&table.stdout).contains("| CPU, "));
    let long = frugal(store.path(), &["model", "bench", &llama(), "--tokens", "200"]);
    refused(&long, 2, &["the model has 128 positions", "--tokens"]);
}

#[test]
fn quantised_files_hold_the_codes_of_the_format_s_own_program() {
    let vectors = corpus::folder("vectors/parity/gguf");
    for kind in ["f16", "q8_0", "q4_0"] {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join("small.gguf");
        let file = file.to_str().unwrap();
        good(&frugal(out.path(), &["model", "quantize", &llama(), "--to", kind, "--out", file]));
        let ours = tensors(&fs::read(file).unwrap());
        assert_eq!(ours, tensors(&fs::read(vectors.join(format!("llama-{kind}.gguf"))).unwrap()), "{kind}");
        assert_eq!(tokens(out.path(), file).as_array().unwrap().len(), 8);
        let again = format!("{}/again.gguf", out.path().display());
        let quantised = frugal(out.path(), &["model", "quantize", file, "--to", "q8_0", "--out", &again]);
        match kind {
            "f16" => good(&quantised),
            _ => refused(&quantised, 2, &["is quantised already", "hint: "]),
        }
        assert_eq!(fs::exists(&again).unwrap(), kind == "f16");
        refused(&frugal(out.path(), &["model", "quantize", &llama(), "--to", kind, "--out", file]), 2, &["exists"]);
    }
}

/// Bytes of each tensor by its name, read by our own reader.
fn tensors(content: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut all = Tensors::new();
    let mut stream = Stream::new("small.gguf", content.len() as u64);
    stream.push(content, &mut |listing, piece| all.take(listing, &piece, Keep::Stored)).unwrap();
    stream.finish().unwrap();
    let names: Vec<String> = all.names().map(str::to_owned).collect();
    names.into_iter().map(|name| (name.clone(), all.get(&name).unwrap().bytes.clone())).collect()
}

#[test]
fn every_family_writes_the_same_after_it_was_stored_in_halves() {
    for model in ["llama", "qwen2", "gpt2"] {
        let out = tempfile::tempdir().unwrap();
        let source = corpus::folder("vectors/parity").join(model).display().to_string();
        let file = format!("{}/{model}.gguf", out.path().display());
        good(&frugal(out.path(), &["model", "quantize", &source, "--to", "f16", "--out", &file]));
        assert!(out.path().join("tokenizer.json").is_file(), "the settings stand beside it");
        let held = |model: &str| {
            let arguments = ["generate", "--model", model, "--prompt", "the cat", "--max-tokens", "8", "--json"];
            json(&frugal(out.path(), &[&arguments[..], &["--weights", "f16"]].concat()))["tokens"].take()
        };
        assert_eq!(held(&file), held(&source), "{model}");
    }
}
