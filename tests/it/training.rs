//! `frugal train`: a recipe becomes a model, whatever comes between.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{frugal, json};
use crate::runner;

const RECIPE: &str = r#"
name = "small"
seed = 1
steps = 40

[model]
family = "llama"
layers = 1
hidden = 32
heads = 4
ffn = 64
context = 48

[tokenizer]
bpe = 300

[data]
generator = "stories"
examples = 200
validation_share = 0.1

[batch]
sequences = 4
tokens = 32

[optimizer]
method = "adamw"
learning_rate = 1e-2

[schedule]
shape = "cosine"
warmup_steps = 4

[evaluation]
every_steps = 20
checkpoint_steps = 10
prompts = ["a happy story :"]
sample_tokens = 8
"#;

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(recipe: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn arguments(&self, out: &str, more: &[&str]) -> Vec<String> {
        let (recipe, out) = (self.path("recipe.toml").display().to_string(), self.path(out).display().to_string());
        let all = ["train", &recipe, "--out", &out, "--device", "cpu"];
        all.iter().chain(more).map(ToString::to_string).collect()
    }

    fn train(&self, out: &str, more: &[&str]) -> Output {
        let arguments = self.arguments(out, more);
        frugal(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn refused(&self) -> String {
        let output = self.train("refused", &[]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        message
    }

    fn lines(&self, out: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(out).join("metrics.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn steps(lines: &[Value]) -> Vec<(u64, f64)> {
    let steps = lines.iter().filter(|line| line["kind"] == "step");
    steps.map(|line| (line["step"].as_u64().unwrap(), line["loss"].as_f64().unwrap())).collect()
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn a_recipe_becomes_a_model_that_writes_and_says_where_it_comes_from() {
    let bench = Bench::new(RECIPE);
    let manifest = json(&bench.train("run", &["--json"]));
    assert_eq!((manifest["schema"].as_str(), manifest["steps"].as_u64()), (Some("frugal.training/1"), Some(40)));
    assert_eq!(manifest["tokens"], 40 * 4 * 32);
    assert!(manifest["recipe_toml"].as_str().unwrap().contains("generator = \"stories\""));
    let lines = bench.lines("run");
    let steps = steps(&lines);
    assert_eq!(steps.iter().map(|(step, _)| *step).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    assert!(steps[39].1 < 0.8 * steps[0].1, "{} from {}", steps[39].1, steps[0].1);
    let kinds = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!((kinds("evaluation"), kinds("sample")), (3, 3));
    let model = bench.path("run/model").display().to_string();
    let written =
        json(&frugal(&["generate", "--model", &model, "--prompt", "a sad story :", "--max-tokens", "4", "--json"]));
    assert_eq!(written["tokens"].as_array().unwrap().len(), 4);
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bytes() {
    let bench = Bench::new(RECIPE);
    assert!(bench.train("whole", &[]).status.success());
    let mut child =
        Command::new(runner::command()).args(bench.arguments("cut", &[])).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    let metrics = bench.path("cut/metrics.jsonl");
    while fs::read_to_string(&metrics).map_or(0, |text| text.matches("\"step\",").count()) < 13 {
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing was recorded");
        if child.try_wait().unwrap().is_some() {
            break;
        }
        sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Whatever was half written when it was killed.
    bench.write("cut/checkpoint.bin.new", "half");
    let output = bench.train("cut", &["--resume"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (whole, cut) = (bench.path("whole"), bench.path("cut"));
    for name in ["model/model.safetensors", "model/tokenizer.json", "checkpoint.bin"] {
        assert!(bytes(&whole, name) == bytes(&cut, name), "{name} differs");
    }
    assert_eq!(steps(&bench.lines("whole")), steps(&bench.lines("cut")));
    let manifest: Value = serde_json::from_slice(&bytes(&cut, "manifest.json")).unwrap();
    assert_eq!(manifest["resumed"], 1);
}

#[test]
fn pairs_move_a_model_towards_the_chosen_answers() {
    let bench = Bench::new(RECIPE);
    assert!(bench.train("base", &[]).status.success());
    let pairs: String = (0..40)
        .map(|at| format!("{{\"prompt\":\"a story {at} :\",\"chosen\":\" good .\",\"rejected\":\" bad .\"}}\n"))
        .collect();
    bench.write("pairs.jsonl", &(pairs + "{\"prompt\":\"x\",\"chosen\":\"a\",\"rejected\":\"a\"}\n"));
    let recipe = r#"
        name = "aligned"
        seed = 2
        steps = 20
        model = { from = "base/model" }
        data = { file = "pairs.jsonl", format = "pairs", validation_share = 0.2 }
        batch = { sequences = 8, tokens = 32 }
        optimizer = { method = "rmsprop", learning_rate = 1e-3 }
        objective = { method = "tdpo2", beta = 0.3, alpha = 0.5 }
    "#;
    bench.write("recipe.toml", recipe);
    let output = bench.train("aligned", &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("left out, chosen and rejected are equal: 1 (lines 41)"), "{said}");
    let looks: Vec<Value> = bench.lines("aligned").into_iter().filter(|line| line["kind"] == "evaluation").collect();
    let loss = |look: &Value| look["loss"].as_f64().unwrap();
    assert!((loss(&looks[0]) - 2_f64.ln()).abs() < 1e-4, "{}", looks[0]);
    assert!(loss(looks.last().unwrap()) < 0.6, "{looks:?}");
    let metrics = looks.last().unwrap()["metrics"].as_array().unwrap();
    assert!(metrics.iter().any(|metric| metric["name"] == "seq_kl_rejected"), "{metrics:?}");
}

#[test]
fn what_cannot_be_trained_is_refused_with_what_to_mend() {
    for (from, to, said) in [
        ("learning_rate", "lr", "did you mean `learning_rate`?"),
        ("steps = 40", "steps = 0", "`steps` is 0"),
        ("bpe = 300", "bpe = 200", "at least 257"),
        ("bpe = 300", "file = \"none.json\"", "none.json"),
        ("generator = \"stories\"\nexamples = 200", "file = \"none.txt\"\nformat = \"text\"", "none.txt"),
        ("heads = 4", "heads = 5", "each must divide"),
        ("learning_rate = 1e-2", "learning_rate = 0.0", "a number above 0"),
    ] {
        assert!(RECIPE.contains(from), "{from}");
        let message = Bench::new(&RECIPE.replacen(from, to, 1)).refused();
        assert!(message.contains(said), "{to}: {message}");
    }
    let bench = Bench::new(&RECIPE.replace("1e-2", "1e30"));
    let message = String::from_utf8(bench.train("wild", &[]).stderr).unwrap();
    assert!(message.contains("step ") && message.contains("no finite number"), "{message}");
}

#[test]
fn data_are_refused_with_their_lines() {
    let recipe =
        RECIPE.replace("generator = \"stories\"\nexamples = 200", "file = \"data\"\nformat = \"prompt_answer\"");
    let recipe = recipe + "[objective]\nmethod = \"sft\"\n";
    for (data, said) in [
        ("", "no example"),
        ("{\"prompt\":\"a\",\"answer\":\"b\"}\n{\"prompt\":\"a\"}\n", "line 2"),
        ("{\"prompt\":\"a\",\"answer\":\"  \"}\n", "have empty responses"),
        ("not json\n", "line 1"),
    ] {
        let bench = Bench::new(&recipe);
        bench.write("data", data);
        let message = bench.refused();
        assert!(message.contains(said), "{data:?}: {message}");
    }
}

#[test]
fn a_run_goes_on_as_it_began_or_not_at_all() {
    let bench = Bench::new(RECIPE);
    assert!(bench.train("run", &[]).status.success());
    let said = |output: Output| {
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(bench.train("run", &[])).contains("holds a run already"));
    assert!(said(bench.train("none", &["--resume"])).contains("no checkpoint to go on from"));
    let checkpoint = bytes(&bench.path("run"), "checkpoint.bin");
    fs::write(bench.path("run/checkpoint.bin"), &checkpoint[..checkpoint.len() / 2]).unwrap();
    assert!(said(bench.train("run", &["--resume"])).contains("checkpoint"));
    fs::write(bench.path("run/checkpoint.bin"), &checkpoint).unwrap();
    bench.write("recipe.toml", &RECIPE.replace("seed = 1", "seed = 2"));
    assert!(said(bench.train("run", &["--resume"])).contains("changed since this run began"));
}
