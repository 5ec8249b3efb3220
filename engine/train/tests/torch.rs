//! Losses and gradients against PyTorch's, from stored numbers; tests/vectors/training says where they come from.
#![allow(clippy::unwrap_used)]

use frugal_model::config::{Config, Family};
use frugal_model::decoder::{Decoder, Precision, WeightType};
use frugal_tensor::{Cpu, NO_COLUMN, Optimiser};
use frugal_train::objective::RowGradients;
use frugal_train::{Batch, Decay, Optimise, Schedule, Settings, Sizes, Trainer};
use serde_json::Value;

const TOLERANCE: f64 = 1e-4;

fn config(name: &str) -> Config {
    Config::small(match name {
        "qwen2" => Family::Qwen2,
        "gpt2" => Family::Gpt2,
        _ => Family::Llama,
    })
}

fn golden(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/training/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn size(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// `null` is no target.
fn tokens(value: &Value) -> Vec<u32> {
    let token = |value: &Value| value.as_u64().map_or(NO_COLUMN, |token| u32::try_from(token).unwrap());
    value.as_array().unwrap().iter().map(token).collect()
}

fn trainer(name: &str, golden: &Value, recompute: bool, backend: &mut Cpu) -> Trainer {
    let seed = golden["seed"].as_u64().unwrap();
    let decoder = Decoder::random(&config(name), 64, Precision::uniform(WeightType::F32), seed, backend).unwrap();
    let adamw = &golden["adamw"];
    let optimise = Optimise {
        beta1: number(&adamw["betas"][0]),
        beta2: number(&adamw["betas"][1]),
        eps: number(&adamw["eps"]),
        weight_decay: number(&adamw["weight_decay"]),
        decay_vectors: true,
        ..Optimise::new(Optimiser::AdamW, number(&adamw["lr"]))
    };
    let settings = Settings {
        sizes: Sizes { sequences: size(&golden["sequences"]), time: size(&golden["time"]), logit_rows: 24, recompute },
        optimise,
        schedule: Schedule { warmup_steps: 0, decay: Decay::Constant },
        steps: 10,
        clip_norm: Some(number(&golden["clip_norm"])),
        frozen: Vec::new(),
        lora: None,
    };
    Trainer::new(decoder, None, &settings, backend).unwrap()
}

#[track_caller]
fn close(what: &str, got: f64, want: f64, scale: f64) {
    assert!((got - want).abs() <= TOLERANCE * scale, "{what}: {got} for {want}");
}

#[test]
fn ten_steps_lose_what_they_lose_in_pytorch() {
    for name in ["llama", "qwen2", "gpt2"] {
        let golden = golden(name);
        for recompute in [false, true] {
            let mut cpu = Cpu::training();
            let mut trainer = trainer(name, &golden, recompute, &mut cpu);
            let steps = golden["steps"].as_array().unwrap();
            assert_eq!(steps.len(), 10);
            for step in steps {
                let (tokens, targets) = (tokens(&step["tokens"]), tokens(&step["targets"]));
                let report = trainer.step(&mut cpu, &[Batch { tokens: &tokens, targets: &targets }]).unwrap();
                let what = format!("{name}, step {}", report.step);
                close(&what, report.loss, number(&step["loss"]), number(&step["loss"]));
                close(&what, report.gradient_norm, number(&step["gradient_norm"]), number(&step["gradient_norm"]));
            }
        }
    }
}

#[test]
fn the_first_gradient_is_pytorchs() {
    for name in ["llama", "qwen2", "gpt2"] {
        let golden = golden(name);
        let mut cpu = Cpu::training();
        let mut trainer = trainer(name, &golden, false, &mut cpu);
        let step = &golden["steps"][0];
        let (tokens, targets) = (tokens(&step["tokens"]), tokens(&step["targets"]));
        trainer.score(&mut cpu, &Batch { tokens: &tokens, targets: &targets }).unwrap();
        let counted = targets.iter().filter(|target| **target != NO_COLUMN).count();
        let by = vec![-(counted as f32).recip(); targets.len()];
        trainer.accumulate(&mut cpu, &RowGradients { log_prob: by, ..RowGradients::zeros(targets.len()) }).unwrap();
        let gradients = golden["gradients"].as_array().unwrap();
        assert_eq!(gradients.len(), trainer.decoder().parameters().len());
        for want in gradients {
            let parameter = want["name"].as_str().unwrap();
            let got = trainer.gradient(&mut cpu, parameter).unwrap().unwrap();
            let norm = got.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
            close(parameter, norm, number(&want["norm"]), number(&want["norm"]));
            let largest = got.iter().fold(0.0, |largest: f64, value| largest.max(f64::from(value.abs())));
            for (at, value) in want["at"].as_array().unwrap().iter().zip(want["values"].as_array().unwrap()) {
                close(parameter, f64::from(got[size(at)]), number(value), largest);
            }
        }
    }
}
