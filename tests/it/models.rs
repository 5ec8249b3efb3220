//! Models through the command and the session: what they write, and what they say to files that are none.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use frugal_model::tokenizer::{TextStream, Tokenizer};
use serde_json::{Value, json};

use crate::command::{frugal, json};
use crate::{corpus, runner};

const MODELS: [&str; 3] = ["gpt2", "llama", "qwen2"];

fn folder(model: &str) -> String {
    corpus::folder("vectors/parity").join(model).display().to_string()
}

fn generate(model: &str, prompt: &str, more: &[&str]) -> Output {
    let arguments = ["generate", "--model", model, "--prompt", prompt, "--max-tokens", "24"];
    frugal(&arguments.iter().chain(more).copied().collect::<Vec<_>>())
}

/// A copy of a checkpoint, to be broken.
fn copy(model: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder(model)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

fn edit(folder: &Path, file: &str, change: &dyn Fn(&mut Value)) {
    let path = folder.join(file);
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

#[test]
fn a_text_comes_as_it_is_told_at_the_end() {
    for model in MODELS {
        let whole = json(&generate(&folder(model), "the cat", &["--json"]));
        let tokens: Vec<u32> = serde_json::from_value(whole["tokens"].clone()).unwrap();
        let tokenizer = fs::read(format!("{}/tokenizer.json", folder(model))).unwrap();
        let tokenizer = Arc::new(Tokenizer::from_json(&tokenizer).unwrap());
        let text = whole["text"].as_str().unwrap();
        // Not `decode`: where byte tokens make no text it replaces the whole run of them, which a stream has shown in part.
        let mut stream = TextStream::new(tokenizer, false);
        let mut parts: Vec<String> = tokens.iter().map(|token| stream.push(*token).unwrap()).collect();
        parts.push(stream.finish());
        assert_eq!(parts.concat(), text, "{model}");
        assert_eq!((tokens.len(), whole["finish_reason"].as_str()), (24, Some("length")), "{model}");
        let timeline = &whole["timeline"];
        assert!(timeline["load_ms"].as_f64().unwrap() > 0.0 && timeline["tokens"] == 24, "{timeline}");
        assert!(timeline["energy_joules"].is_null(), "no counter is read");
        // The same without --json, and the summary beside it.
        let output = generate(&folder(model), "the cat", &[]);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{text}\n"), "{model}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("24 tokens (length)"));
        // A stop string that comes is not shown.
        let stop: String = text.chars().skip(6).take(2).collect();
        let cut = json(&generate(&folder(model), "the cat", &["--json", "--stop", &stop]));
        assert_eq!((cut["text"].as_str(), &cut["finish_reason"]), (text.split(&stop).next(), &json!("stop_string")));
    }
}

#[test]
fn a_seed_repeats_a_text_and_another_changes_it() {
    let drawn = |seed: &str| {
        json(&generate(&folder("gpt2"), "the cat", &["--json", "--temperature", "1.5", "--seed", seed]))["tokens"]
            .take()
    };
    assert_eq!(drawn("7"), drawn("7"));
    assert_ne!(drawn("7"), drawn("8"));
}

#[test]
fn a_model_says_what_it_is_made_of() {
    for (path, architecture, parameters) in [
        (folder("llama"), "llama", 45_216),
        (folder("qwen2"), "qwen2", 0),
        (folder("gpt2"), "gpt2", 0),
        (folder("gguf/llama-q8_0.gguf"), "llama", 45_216),
    ] {
        let info = json(&frugal(&["model", "info", &path, "--json"]));
        assert_eq!((info["architecture"].as_str(), &info["vocabulary"]), (Some(architecture), &json!(320)));
        assert!(parameters == 0 || info["parameters"] == parameters, "{info}");
        let text = frugal(&["model", "info", &path]);
        assert!(String::from_utf8_lossy(&text.stdout).contains(&info["parameters"].to_string()));
    }
}

/// Where no Vulkan driver is found, or not even the loader.
fn without_vulkan(loader: bool, arguments: &[&str]) -> Output {
    let mut command = Command::new(runner::command());
    command.args(arguments).env_remove("VK_ADD_DRIVER_FILES");
    let broken = tempfile::tempdir().unwrap();
    if loader {
        command.env("VK_DRIVER_FILES", "/nonexistent").env("VK_ICD_FILENAMES", "/nonexistent");
    } else {
        fs::write(broken.path().join("libvulkan.so.1"), "").unwrap();
        command.env("LD_LIBRARY_PATH", broken.path());
    }
    command.output().unwrap()
}

#[test]
fn a_machine_without_vulkan_computes_on_the_processor_and_says_how_to_mend_that() {
    let llama = folder("llama");
    for loader in [true, false] {
        let generate = |backend: &str| {
            let arguments = ["generate", "--model", &llama, "--prompt", "x", "--max-tokens", "3", "--json"];
            without_vulkan(loader, &[&arguments[..], &["--backend", backend]].concat())
        };
        refused(&generate("gpu"), &["no Vulkan driver was found", "hint: ", "--backend cpu", "VK_DRIVER_FILES"]);
        let auto = json(&generate("auto"));
        assert!(auto["backend"].as_str().unwrap().starts_with("CPU, "), "{auto}");
        let info = json(&without_vulkan(loader, &["model", "info", &llama, "--json"]));
        assert_eq!(info["adapters"], json!([]), "{info}");
    }
}

#[test]
fn characters_come_whole() {
    let bytes = fs::read(format!("{}/tokenizer.json", folder("gpt2"))).unwrap();
    let tokenizer = Arc::new(Tokenizer::from_json(&bytes).unwrap());
    let text = "naïve 漢字 👩‍👩‍👧 e\u{301}";
    let tokens = tokenizer.encode(text, false).unwrap();
    assert!(tokens.len() > text.chars().count(), "characters are split among tokens");
    let mut stream = TextStream::new(Arc::clone(&tokenizer), false);
    let parts: Vec<String> = tokens.iter().map(|token| stream.push(*token).unwrap()).collect();
    assert_eq!(parts.concat(), text);
    assert!(parts.iter().any(String::is_empty) && !parts.concat().contains('\u{fffd}'));
    assert_eq!(stream.finish(), "");
}

const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

fn chat(model: &Path, input: &[u8], more: &[&str]) -> Output {
    let mut child = Command::new(runner::command())
        .args(["chat", "--max-tokens", "8", "--model", model.to_str().unwrap()])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may have ended already, which its output then says.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn a_conversation_is_rendered_by_the_models_own_template() {
    let model = copy("qwen2");
    fs::write(model.path().join("chat_template.jinja"), CHATML).unwrap();
    // A text gets the tokens that a model expects around one, a conversation has them from its template: none here.
    edit(model.path(), "tokenizer.json", &|tokenizer| tokenizer["post_processor"] = Value::Null);
    let output = chat(model.path(), b"hello\n\nmore\n", &["--system", "be brief"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = |prompt: &str| {
        let output = frugal(&[
            "generate",
            "--json",
            "--max-tokens",
            "8",
            "--model",
            model.path().to_str().unwrap(),
            "--prompt",
            prompt,
        ]);
        json(&output)["text"].as_str().unwrap().to_owned()
    };
    let first = "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n";
    let answer = said(first);
    let second = said(&format!("{first}{answer}<|im_end|>\n<|im_start|>user\nmore<|im_end|>\n<|im_start|>assistant\n"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{answer}\n{second}\n"));
}

/// Exit code 2, nothing on standard output, and these words on standard error.
#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{said} lacks one of {words:?}");
    assert!(said.len() < 1_000, "{} bytes", said.len());
}

#[test]
fn files_that_are_no_model_are_refused() {
    let weights = "model.safetensors";
    type Case<'a> = (&'a dyn Fn(&Path), &'a [&'a str]);
    let cases: [Case<'_>; 15] = [
        (&|f| fs::remove_file(f.join(weights)).unwrap(), &["no weights in this folder", "hint: "]),
        (&|f| fs::remove_file(f.join("config.json")).unwrap(), &["config.json"]),
        (&|f| fs::remove_file(f.join("tokenizer.json")).unwrap(), &["tokenizer.json"]),
        (&|f| fs::write(f.join("tokenizer.json"), "{}").unwrap(), &["tokenizer.json"]),
        (&|f| fs::write(f.join(weights), "<!DOCTYPE html><html>Not Found</html>").unwrap(), &[weights]),
        (&|f| fs::write(f.join(weights), (1_u64 << 63).to_le_bytes()).unwrap(), &[weights, "header"]),
        (&|f| fs::write(f.join(weights), b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f").unwrap(), &[weights]),
        (&|f| cut(&f.join(weights), 1_000), &[weights, "fetch the file again"]),
        (&|f| spoil(&f.join(weights)), &[weights, "NaN"]),
        (&|f| edit(f, "config.json", &|c| c["num_attention_heads"] = json!(0)), &["config.json", "from 1 to"]),
        (&|f| edit(f, "config.json", &|c| c["num_hidden_layers"] = json!(1_000_000_000)), &["config.json", "layer"]),
        (&|f| edit(f, "config.json", &|c| c["num_hidden_layers"] = json!(3)), &["missing or incomplete", "layers.2"]),
        (&|f| edit(f, "config.json", &|c| c["hidden_size"] = json!(64)), &["shape"]),
        (&|f| edit(f, "config.json", &|c| c["vocab_size"] = json!(100)), &["319 tokens"]),
        (&|f| fs::write(f.join("generation_config.json"), r#"{"eos_token_id":999}"#).unwrap(), &["generation_config"]),
    ];
    for (at, (spoil, words)) in cases.into_iter().enumerate() {
        let model = copy("llama");
        spoil(model.path());
        println!("case {at}");
        refused(&generate(model.path().to_str().unwrap(), "x", &[]), words);
    }
    let model = copy("qwen2");
    fs::remove_file(model.path().join("model-00002-of-00003.safetensors")).unwrap();
    refused(&generate(model.path().to_str().unwrap(), "x", &[]), &["model-00002-of-00003.safetensors"]);
    refused(&generate("no/such/folder", "x", &[]), &["no/such/folder", "hint: "]);
}

fn cut(path: &Path, bytes: usize) {
    let content = fs::read(path).unwrap();
    fs::write(path, &content[..content.len() - bytes]).unwrap();
}

fn spoil(path: &Path) {
    let mut content = fs::read(path).unwrap();
    let at = content.len() - 8;
    content[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(path, content).unwrap();
}

#[test]
fn requests_that_cannot_be_answered_are_refused() {
    let gpt2 = folder("gpt2");
    refused(&generate(&gpt2, "", &[]), &["the prompt has no tokens"]);
    refused(&generate(&gpt2, &"x".repeat(500), &[]), &["the context of 128"]);
    refused(&generate(&gpt2, "x", &["--temperature", "-1"]), &["temperature"]);
    refused(&frugal(&["generate", "--model", &gpt2, "--prompt", "x", "--max-tokens", "0"]), &["max_tokens"]);
    let mut child = Command::new(runner::command())
        .args(["generate", "--model", &gpt2, "--prompt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"ab\xff").unwrap();
    refused(&child.wait_with_output().unwrap(), &["not UTF-8", "at byte 2"]);
    refused(&chat(Path::new(&gpt2), b"hello\n", &[]), &["no chat template"]);
    for (template, words) in [
        ("{% for %}", "invalid"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "does not come to an end"),
        ("{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}", "end"),
        ("{{ raise_exception('not you') }}", "not you"),
    ] {
        let model = copy("gpt2");
        fs::write(model.path().join("chat_template.jinja"), template).unwrap();
        refused(&chat(model.path(), b"hello\n", &[]), &[words]);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_text_and_keeps_what_came() {
    let model = copy("qwen2");
    fs::remove_file(model.path().join("generation_config.json")).unwrap();
    edit(model.path(), "config.json", &|config| {
        config["max_position_embeddings"] = json!(1 << 17);
        config["eos_token_id"] = Value::Null;
    });
    let mut child = Command::new(runner::command())
        .args(["generate", "--max-tokens", "1000000", "--context", "131072", "--prompt", "x", "--model"])
        .arg(model.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let begun = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(String::from_utf8_lossy(&output.stderr).contains("(cancelled)"));
}
