#![allow(clippy::unwrap_used)]
use frugal_decode::Sampling;
use frugal_model::config::{Config, Family};
use frugal_model::decoder::{Precision, WeightType};
use frugal_tensor::{Cpu, MemoryUse, Optimiser};

use super::*;
use crate::{Decay, Lora, Random, Schedule, Sizes};

const FAMILIES: [Family; 3] = [Family::Llama, Family::Qwen2, Family::Gpt2];

/// A tiny model of each family: Llama's grouped, with a head of its own; Qwen2's with biases, tied; GPT-2's tied.
fn config(family: Family) -> Config {
    Config { hidden: 16, ffn: 24, head_size: 4, context: 24, ..Config::small(family) }
}

fn decoder(family: Family, seed: u64, backend: &mut dyn Backend) -> Decoder {
    Decoder::random(&config(family), 24, Precision::uniform(WeightType::F32), seed, backend).unwrap()
}

fn settings() -> Settings {
    Settings {
        sizes: Sizes { sequences: 3, time: 7, logit_rows: 8, recompute: false },
        optimise: Optimise { weight_decay: 0.1, ..Optimise::new(Optimiser::AdamW, 1e-2) },
        schedule: Schedule { warmup_steps: 2, decay: Decay::Cosine { end_share: 0.1 } },
        steps: 20,
        clip_norm: Some(1.0),
        frozen: Vec::new(),
        lora: None,
    }
}

/// Tokens, and what each is to predict; every fourth predicts nothing.
fn tokens(seed: u64) -> (Vec<u32>, Vec<u32>) {
    let mut random = Random::new(seed);
    let mut list = || (0..21).map(|_| u32::try_from(random.below(48)).unwrap()).collect::<Vec<_>>();
    let (tokens, mut targets) = (list(), list());
    targets.iter_mut().step_by(4).for_each(|target| *target = NO_COLUMN);
    (tokens, targets)
}

#[allow(clippy::cast_possible_truncation)] // coefficients are f32
fn coefficients() -> RowGradients<f32> {
    let mut random = Random::new(3);
    let mut list = || (0..21).map(|_| (random.unit() - 0.5) as f32).collect::<Vec<_>>();
    RowGradients { log_prob: list(), kl_ref_policy: list(), kl_policy_ref: list() }
}

/// What [`coefficients`] are derivatives of.
fn loss(statistics: &TokenStatistics, by: &RowGradients<f32>) -> f64 {
    let sum = |values: &[f32], by: &[f32]| -> f64 {
        values.iter().zip(by).map(|(value, by)| f64::from(*value) * f64::from(*by)).sum()
    };
    sum(&statistics.log_prob, &by.log_prob)
        + sum(&statistics.kl_ref_policy, &by.kl_ref_policy)
        + sum(&statistics.kl_policy_ref, &by.kl_policy_ref)
}

fn gradients(trainer: &mut Trainer, backend: &mut dyn Backend) -> Vec<Vec<f32>> {
    let (tokens, targets) = tokens(1);
    trainer.score(backend, &Batch { tokens: &tokens, targets: &targets }).unwrap();
    trainer.accumulate(backend, &coefficients()).unwrap();
    trainer.learnt.iter().map(|learnt| trainer.values(backend, &learnt.gradient).unwrap()).collect()
}

#[track_caller]
fn close(a: &[Vec<f32>], b: &[Vec<f32>], tolerance: f32) {
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        let largest = a.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= tolerance * largest && largest > 0.0, "parameter {at}: {worst} of {largest}");
    }
}

#[test]
fn gradients_of_whole_decoders_are_central_differences() {
    for (family, lora) in FAMILIES.into_iter().flat_map(|family| [(family, false), (family, true)]) {
        let mut cpu = Cpu::reference();
        let (policy, reference) = (decoder(family, 5, &mut cpu), decoder(family, 6, &mut cpu));
        let adapter = Lora { rank: 2, alpha: 4.0, targets: vec!["mlp".to_owned(), "attn".to_owned()], seed: 3 };
        let settings = Settings { lora: lora.then_some(adapter), ..settings() };
        let mut trainer = Trainer::new(policy, Some(reference), &settings, &mut cpu).unwrap();
        for adapter in trainer.adapters.clone() {
            // At zeros the first matrix would have no slope.
            let values: Vec<f32> = (0..adapter.up.rows * 2).map(|at| 0.1 * (at % 5) as f32 - 0.2).collect();
            cpu.write(adapter.up.buffer, 0, bytemuck::cast_slice(&values)).unwrap();
        }
        let all = gradients(&mut trainer, &mut cpu);
        let (tokens, targets) = tokens(1);
        let batch = Batch { tokens: &tokens, targets: &targets };
        for (learnt, gradient) in trainer.learnt.clone().into_iter().zip(all) {
            let values = trainer.values(&mut cpu, &learnt.weight).unwrap();
            let largest = (0..values.len()).max_by(|a, b| gradient[*a].abs().total_cmp(&gradient[*b].abs())).unwrap();
            let scale = f64::from(gradient[largest].abs());
            for at in [0, values.len() / 3, largest, values.len() - 1] {
                let mut side = |step: f32| {
                    let mut moved = values.clone();
                    moved[at] += step;
                    cpu.write(learnt.weight.buffer, 0, bytemuck::cast_slice(&moved)).unwrap();
                    loss(&trainer.score(&mut cpu, &batch).unwrap(), &coefficients())
                };
                let want = (side(2e-3) - side(-2e-3)) / 4e-3;
                cpu.write(learnt.weight.buffer, 0, bytemuck::cast_slice(&values)).unwrap();
                let error = (f64::from(gradient[at]) - want).abs();
                assert!(
                    error < 3e-3 * scale.max(0.1),
                    "{family:?} {} at {at}: {} for {want}",
                    learnt.name,
                    gradient[at]
                );
            }
        }
    }
}

#[test]
fn fast_kernels_recomputed_layers_and_pieces_of_logits_change_no_gradient() {
    for family in FAMILIES {
        let mut slow = Cpu::reference();
        let (policy, reference) = (decoder(family, 5, &mut slow), decoder(family, 6, &mut slow));
        let mut trainer = Trainer::new(policy, Some(reference), &settings(), &mut slow).unwrap();
        let want = gradients(&mut trainer, &mut slow);
        let mut kept = Vec::new();
        for (recompute, logit_rows) in [(false, 8), (true, 8), (false, 21)] {
            let mut cpu = Cpu::training();
            let (policy, reference) = (decoder(family, 5, &mut cpu), decoder(family, 6, &mut cpu));
            let sizes = Sizes { recompute, logit_rows, ..settings().sizes };
            let settings = Settings { sizes, ..settings() };
            let mut trainer = Trainer::new(policy, Some(reference), &settings, &mut cpu).unwrap();
            let got = gradients(&mut trainer, &mut cpu);
            close(&want, &got, 2e-5);
            if logit_rows == 8 {
                kept.push(got);
            }
            trainer.free(&mut cpu).unwrap();
            assert_eq!(cpu.memory(), MemoryUse::default(), "nothing stays behind");
        }
        assert!(kept[0] == kept[1], "what is computed again has the same bits");
    }
}

#[test]
fn logits_of_a_batch_never_exist_at_once() {
    let bytes = |sequences: usize, vocabulary: usize| {
        let mut cpu = Cpu::training();
        let config = Config { vocabulary, ..config(Family::Llama) };
        let decoder = Decoder::random(&config, 24, Precision::uniform(WeightType::F32), 5, &mut cpu).unwrap();
        let sizes = Sizes { sequences, ..settings().sizes };
        drop(Trainer::new(decoder, None, &Settings { sizes, ..settings() }, &mut cpu).unwrap());
        cpu.memory().scratch_bytes
    };
    // What a longer vocabulary takes is the same, whatever the number of rows: one piece of 8 rows.
    let more = |sequences: usize| bytes(sequences, 4048) - bytes(sequences, 48);
    assert_eq!((more(3), more(300)), (4000 * 8 * 4, 4000 * 8 * 4));
    // Layers that are computed again keep one row of hidden numbers each.
    let layers = |recompute: bool| {
        let scratch = |layers: usize| {
            let mut cpu = Cpu::training();
            let config = Config { layers, ..config(Family::Llama) };
            let decoder = Decoder::random(&config, 24, Precision::uniform(WeightType::F32), 5, &mut cpu).unwrap();
            let sizes = Sizes { recompute, ..settings().sizes };
            drop(Trainer::new(decoder, None, &Settings { sizes, ..settings() }, &mut cpu).unwrap());
            cpu.memory().scratch_bytes
        };
        scratch(5) - scratch(4)
    };
    assert_eq!(layers(true), 21 * 16 * 4);
    assert!(layers(false) > 10 * layers(true), "{}", layers(false));
}

fn run(trainer: &mut Trainer, cpu: &mut Cpu, steps: std::ops::Range<u64>) -> Vec<f64> {
    let step = |step| {
        let (first, second) = (tokens(step), tokens(step + 100));
        let batches = [&first, &second].map(|(tokens, targets)| Batch { tokens, targets });
        trainer.step(cpu, &batches).unwrap().loss
    };
    steps.map(step).collect()
}

#[test]
fn a_resumed_run_is_the_same_to_the_bit() {
    let rules = [Optimiser::AdamW, Optimiser::Sgd, Optimiser::RmsProp, Optimiser::Lion];
    for (family, rule) in FAMILIES.into_iter().chain([Family::Llama]).zip(rules) {
        let settings = Settings { optimise: Optimise { rule, ..settings().optimise }, ..settings() };
        let mut cpu = Cpu::training();
        let policy = decoder(family, 5, &mut cpu);
        let mut whole = Trainer::new(policy, None, &settings, &mut cpu).unwrap();
        let mut losses = run(&mut whole, &mut cpu, 0..4);
        let progress = Progress { cursor: 9, random: 77, tokens: 1, ..Progress::default() };
        let bytes = whole.checkpoint(&mut cpu, &progress).unwrap();
        losses.extend(run(&mut whole, &mut cpu, 4..8));
        let want = whole.checkpoint(&mut cpu, &progress).unwrap();
        let mut other = Cpu::training();
        let policy = decoder(family, 99, &mut other);
        let mut half = Trainer::new(policy, None, &settings, &mut other).unwrap();
        assert_eq!(half.resume(&mut other, &bytes).unwrap(), Progress { step: 4, ..progress });
        assert_eq!(run(&mut half, &mut other, 4..8), losses[4..]);
        assert!(half.checkpoint(&mut other, &progress).unwrap() == want, "{rule:?}: not the same bits");
        assert_ne!(losses[0], losses[7]);
    }
}

#[test]
fn one_batch_is_learnt_by_heart_and_told() {
    let mut cpu = Cpu::training();
    let policy = decoder(Family::Llama, 5, &mut cpu);
    let settings = Settings { steps: 200, ..settings() };
    let mut trainer = Trainer::new(policy, None, &settings, &mut cpu).unwrap();
    // One sequence, three times: 0, 1, 2, ...
    let line: Vec<u32> = (0..21).map(|at| at % 7).collect();
    let next: Vec<u32> = line.iter().map(|token| token + 1).collect();
    let batch = Batch { tokens: &line, targets: &next };
    for _ in 0..60 {
        trainer.step(&mut cpu, &[batch]).unwrap();
    }
    let evaluation = trainer.evaluate(&mut cpu, &batch).unwrap();
    assert!(evaluation.loss < 0.1 && evaluation.tokens == 21, "{evaluation:?}");
    let told = trainer.sample(&mut cpu, &[0, 1], 5, &[6], &Sampling::GREEDY).unwrap();
    assert_eq!(told, [2, 3, 4, 5, 6]);
}

#[test]
fn frozen_parameters_stay_and_adapters_leave_the_rest() {
    let mut cpu = Cpu::training();
    let frozen = vec!["embed".to_owned(), "layers.0".to_owned()];
    let policy = decoder(Family::Llama, 5, &mut cpu);
    let mut trainer = Trainer::new(policy, None, &Settings { frozen, ..settings() }, &mut cpu).unwrap();
    let before: Vec<_> = trainer.decoder.parameters().to_vec();
    let values = |trainer: &Trainer, cpu: &mut Cpu| -> Vec<Vec<f32>> {
        before.iter().map(|parameter| trainer.values(cpu, &parameter.tensor).unwrap()).collect()
    };
    let old = values(&trainer, &mut cpu);
    run(&mut trainer, &mut cpu, 0..2);
    for ((parameter, old), new) in before.iter().zip(&old).zip(values(&trainer, &mut cpu)) {
        let kept = parameter.name.contains("embed") || parameter.name.contains("layers.0");
        assert_eq!(*old == new, kept, "{}", parameter.name);
    }
    let lora = Lora { rank: 2, alpha: 4.0, targets: vec!["layers.1.mlp".to_owned()], seed: 1 };
    let policy = decoder(Family::Llama, 5, &mut cpu);
    let mut trainer = Trainer::new(policy, None, &Settings { lora: Some(lora), ..settings() }, &mut cpu).unwrap();
    let (tokens, targets) = tokens(1);
    let batch = Batch { tokens: &tokens, targets: &targets };
    let first = trainer.evaluate(&mut cpu, &batch).unwrap().loss;
    for _ in 0..6 {
        trainer.step(&mut cpu, &[batch]).unwrap();
    }
    let last = trainer.evaluate(&mut cpu, &batch).unwrap().loss;
    assert!(last < first, "{last} after {first}");
    // Added in, the weights alone give the same loss.
    for (tensor, values) in trainer.merged(&mut cpu).unwrap() {
        cpu.write(tensor.buffer, 0, bytemuck::cast_slice(&values)).unwrap();
    }
    for adapter in &trainer.adapters {
        cpu.write(adapter.up.buffer, 0, &vec![0; adapter.up.rows * 8]).unwrap();
    }
    let merged = trainer.evaluate(&mut cpu, &batch).unwrap().loss;
    assert!((merged - last).abs() < 1e-5, "{merged} for {last}");
}

#[test]
fn what_cannot_go_on_is_named_and_changes_nothing() {
    let mut cpu = Cpu::training();
    let optimise = Optimise { learning_rate: 1e30, ..settings().optimise };
    let policy = decoder(Family::Llama, 5, &mut cpu);
    let mut trainer = Trainer::new(policy, None, &Settings { optimise, ..settings() }, &mut cpu).unwrap();
    let (tokens, targets) = tokens(1);
    let batch = Batch { tokens: &tokens, targets: &targets };
    trainer.step(&mut cpu, &[batch]).unwrap();
    let before = trainer.checkpoint(&mut cpu, &Progress::default()).unwrap();
    let error = trainer.step(&mut cpu, &[batch, batch]).unwrap_err();
    assert!(matches!(&error, TrainError::NotFinite { step: 2, op, .. } if op.contains("operator")), "{error}");
    assert!(trainer.checkpoint(&mut cpu, &Progress::default()).unwrap() == before);
    let none = vec![NO_COLUMN; 21];
    let error = trainer.step(&mut cpu, &[Batch { tokens: &tokens, targets: &none }]).unwrap_err();
    assert!(matches!(error, TrainError::NoTargets { step: 2 }), "{error}");
    let error = trainer.step(&mut cpu, &[Batch { tokens: &tokens[1..], targets: &targets }]).unwrap_err();
    assert!(matches!(error, TrainError::Batch { tokens: 20, targets: 21, due: 21 }), "{error}");
    let beyond = vec![48; 21];
    let error = trainer.step(&mut cpu, &[Batch { tokens: &beyond, targets: &targets }]).unwrap_err();
    assert!(matches!(error, TrainError::Backend(_)), "{error}");
    let error = trainer.step(&mut cpu, &[Batch { tokens: &tokens, targets: &beyond }]).unwrap_err();
    assert!(matches!(error, TrainError::Backend(_)), "{error}");
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let refused = |change: fn(&mut Settings)| {
        let mut cpu = Cpu::training();
        let mut settings = settings();
        change(&mut settings);
        let policy = decoder(Family::Llama, 5, &mut cpu);
        Trainer::new(policy, None, &settings, &mut cpu).unwrap_err().to_string()
    };
    let messages = [
        (refused(|settings| settings.sizes.time = 25), "time is 25, the model has 24 positions"),
        (refused(|settings| settings.optimise.beta1 = 1.0), "beta1 is 1, it must be from 0 to below 1"),
        (refused(|settings| settings.clip_norm = Some(0.0)), "clip_norm is 0, it must be above 0"),
        (refused(|settings| settings.frozen = vec!["nothing".to_owned()]), "no parameter's name contains `nothing`"),
        (refused(|settings| settings.frozen = vec!["q_proj".to_owned()]), "`q_proj` names"),
        (refused(|settings| settings.frozen = vec![String::new()]), "every parameter is frozen"),
    ];
    for (message, part) in messages {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn checkpoints_that_do_not_fit_change_nothing() {
    let mut cpu = Cpu::training();
    let policy = decoder(Family::Llama, 5, &mut cpu);
    let mut trainer = Trainer::new(policy, None, &settings(), &mut cpu).unwrap();
    run(&mut trainer, &mut cpu, 0..2);
    let whole = trainer.checkpoint(&mut cpu, &Progress::default()).unwrap();
    let weights = trainer.weights(&mut cpu).unwrap();
    let policy = decoder(Family::Qwen2, 5, &mut cpu);
    let mut other = Trainer::new(policy, None, &settings(), &mut cpu).unwrap();
    assert!(other.resume(&mut cpu, &whole).unwrap_err().to_string().starts_with("checkpoint: it holds"));
    assert!(trainer.resume(&mut cpu, &weights).unwrap_err().to_string().contains("optimiser ``"));
    for length in [0, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        let error = trainer.resume(&mut cpu, &whole[..length]).unwrap_err();
        assert!(matches!(error, TrainError::Checkpoint { .. }), "{length} bytes: {error}");
    }
    let mut damaged = whole.clone();
    damaged[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(trainer.resume(&mut cpu, &damaged).is_err());
    assert!(trainer.checkpoint(&mut cpu, &Progress::default()).unwrap() == whole);
}
