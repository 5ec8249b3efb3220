//! Training on every adapter: losses and gradients of published cases, and a decoder that learns as it does on the CPU.
#![allow(clippy::unwrap_used, clippy::print_stdout)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole numbers of files, and what a device holds

use std::fs;
use std::time::Instant;

use frugal_gpu::{Gpu, Kernels, Options, block_on};
use frugal_model::config::{Config, Family};
use frugal_model::decoder::{Decoder, Precision, WeightType};
use frugal_tensor::{
    Backend, BackendError, BufferId, COEFFICIENTS, Cpu, DType, Memory, MemoryUse, NO_COLUMN, Optimiser, Plan, PlanId,
    STATISTICS, Tensor, Train, blocking_read,
};
use frugal_train::objective::kdrl::{self, Conventions, Distillation, Masking, Rollouts, Weights};
use frugal_train::objective::kl::LossEstimator;
use frugal_train::objective::tdpo::{self, Variant};
use frugal_train::objective::{RowGradients, Rows};
use frugal_train::{
    Batch, Decay, Mask, Optimise, Progress, Random, Schedule, Settings, Sizes, TokenStatistics, TrainError, Trainer,
};
use serde_json::Value;

/// Each adapter with each kind of kernels.
fn each(mut check: impl FnMut(&str, Gpu)) {
    let adapters = Gpu::adapters();
    assert!(!adapters.is_empty(), "no Vulkan driver: `cargo xtask setup --tests` finds one");
    for name in adapters.into_iter().map(|adapter| adapter.name) {
        for kernels in [Kernels::Serial, Kernels::Parallel] {
            check(&format!("{name}, {kernels:?}"), open(&name, kernels));
        }
    }
}

fn open(name: &str, kernels: Kernels) -> Gpu {
    let options = Options { adapter: Some(name.to_owned()), kernels: Some(kernels), untested: true, training: true };
    block_on(Gpu::open(options)).unwrap()
}

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../vectors/alignment/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let vector: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    vector["cases"].as_array().unwrap().clone()
}

/// All numbers of nested lists, in order.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

fn size(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|value| *value as f32).collect()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Rows of logits of a policy and a reference on a device, and what is asked of them.
struct Device {
    gpu: Gpu,
    policy: BufferId,
    statistics: BufferId,
    coefficients: BufferId,
    score: PlanId,
    grad: PlanId,
    rows: usize,
    vocabulary: usize,
    logits: Vec<f32>,
}

impl Device {
    fn new(mut gpu: Gpu, policy: &[f64], reference: &[f64], targets: &[usize], mask: &Mask) -> Self {
        let rows = mask.len();
        let vocabulary = policy.len() / rows;
        let mut columns = vec![NO_COLUMN; rows];
        for (_, row) in mask.rows() {
            columns[row] = u32::try_from(targets[row]).unwrap();
        }
        let mut hold = |bytes: &[u8]| {
            let buffer = gpu.allocate(bytes.len(), Memory::Scratch).unwrap();
            gpu.write(buffer, 0, bytes).unwrap();
            buffer
        };
        let logits = narrow(policy);
        let (policy, reference) = (hold(&bytes(&logits)), hold(&bytes(&narrow(reference))));
        let targets = hold(&columns.iter().flat_map(|column| column.to_le_bytes()).collect::<Vec<_>>());
        let (statistics, coefficients) =
            (hold(&vec![0; rows * STATISTICS * 4]), hold(&vec![0; rows * COEFFICIENTS * 4]));
        let plan = |gradient: bool| {
            let mut plan = Plan::new();
            let mut tensor = |buffer, cols, dtype| plan.tensor(Tensor::dense(buffer, rows, cols, dtype));
            let (p, q) = (tensor(policy, vocabulary, DType::F32), tensor(reference, vocabulary, DType::F32));
            let targets = tensor(targets, 1, DType::U32);
            let statistics = tensor(statistics, STATISTICS, DType::F32);
            let coefficients = tensor(coefficients, COEFFICIENTS, DType::F32);
            let (logits, reference) = (p, Some(q));
            plan.push(if gradient {
                Train::LogProbGrad { logits, reference, targets, statistics, coefficients }
            } else {
                Train::LogProb { logits, reference, targets, out: statistics }
            });
            plan
        };
        let (score, grad) = (gpu.prepare(&plan(false)).unwrap(), gpu.prepare(&plan(true)).unwrap());
        Self { gpu, policy, statistics, coefficients, score, grad, rows, vocabulary, logits }
    }

    fn read(&mut self, buffer: BufferId, count: usize) -> Vec<f32> {
        let mut out = vec![0; count * 4];
        blocking_read(&mut self.gpu, buffer, 0, &mut out).unwrap();
        out.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    }

    fn score(&mut self) -> TokenStatistics {
        self.gpu.write(self.policy, 0, &bytes(&self.logits)).unwrap();
        self.gpu.run(self.score, &[]).unwrap();
        let all = self.read(self.statistics, self.rows * STATISTICS);
        let column = |at: usize| all.iter().skip(at).step_by(STATISTICS).copied().collect();
        TokenStatistics {
            log_prob: column(0),
            reference: column(1),
            entropy: column(2),
            kl_ref_policy: column(3),
            kl_policy_ref: column(4),
        }
    }

    /// The gradient by the policy's logits.
    fn gradient(&mut self, by: &RowGradients<f32>) -> Vec<f32> {
        let row = |row: usize| [by.log_prob[row], by.kl_ref_policy[row], by.kl_policy_ref[row]];
        let coefficients: Vec<f32> = (0..self.rows).flat_map(row).collect();
        self.gpu.write(self.coefficients, 0, &bytes(&coefficients)).unwrap();
        self.gpu.run(self.grad, &[]).unwrap();
        self.read(self.policy, self.rows * self.vocabulary)
    }
}

/// The largest difference, relative to the largest number that is expected.
#[track_caller]
fn close(name: &str, got: &[f32], want: &[f64], tolerance: f64) -> f64 {
    assert_eq!(got.len(), want.len(), "{name}");
    let largest = want.iter().fold(1e-6_f64, |largest, value| largest.max(value.abs()));
    let off = got.iter().zip(want).map(|(got, want)| (f64::from(*got) - want).abs());
    let worst = off.fold(0.0, f64::max) / largest;
    assert!(worst <= tolerance && got.iter().all(|value| value.is_finite()), "{name}: {worst:e}");
    worst
}

/// Relative to the largest number of a gradient, or to a loss.
const TOLERANCE: f64 = 1e-4;

fn tdpo(name: &str, gpu: Gpu, case: &Value) -> f64 {
    let labels: Vec<i64> = flat(&case["labels"]).iter().map(|label| *label as i64).collect();
    let (tokens, vocabulary) = (size(&case["T"]), size(&case["V"]));
    let (mask, targets) = Mask::shifted(2 * size(&case["B"]), tokens, &labels, vocabulary).unwrap();
    let (policy, reference) = (flat(&case["policy_logits"]), flat(&case["ref_logits"]));
    let mut device = Device::new(gpu, &policy, &reference, &targets, &mask);
    let (beta, alpha) = (case["beta"].as_f64().unwrap(), case["alpha"].as_f64().unwrap());
    let mut worst = 0.0_f64;
    for (of, variant) in [("tdpo1", Variant::One), ("tdpo2", Variant::Two { alpha })] {
        let heard = device.score();
        let rows = Rows { mask: &mask, log_prob: &heard.log_prob, reference: &heard.reference };
        let got = tdpo::loss(&rows, &heard.kl_ref_policy, variant, beta).unwrap();
        let gradient = device.gradient(&got.outcome.gradients);
        worst = worst.max(close(name, &got.losses, &flat(&case[of]["losses"]), TOLERANCE));
        worst = worst.max(close(name, &gradient, &flat(&case[of]["grad_policy_logits"]), TOLERANCE));
    }
    worst
}

fn kdrl(name: &str, gpu: Gpu, case: &Value) -> f64 {
    let kept: Vec<bool> = flat(&case["mask"]).iter().map(|kept| *kept != 0.0).collect();
    let sequences = case["mask"].as_array().unwrap().len();
    let mask = Mask::new(sequences, kept.len() / sequences, kept).unwrap();
    let targets: Vec<usize> = flat(&case["tokens"]).iter().map(|token| *token as usize).collect();
    let (student, teacher) = (flat(&case["student_logits"]), flat(&case["teacher_logits"]));
    let mut device = Device::new(gpu, &student, &teacher, &targets, &mask);
    let rewards = narrow(&flat(&case["rewards"]));
    let mut worst = 0.0_f64;
    for variant in case["variants"].as_array().unwrap() {
        let heard = device.score();
        let rollouts = Rollouts {
            mask: &mask,
            student: &heard.log_prob,
            teacher: &heard.reference,
            kl_student_teacher: Some(&heard.kl_policy_ref),
            rewards: &rewards,
            group: size(&case["G"]),
        };
        let beta = variant["beta"].as_f64().unwrap();
        let outcome = if variant["integration"] == "reward_shaping_sequence" {
            kdrl::shaping(&rollouts, beta, Conventions::default()).unwrap().outcome
        } else {
            let distillation = match variant["estimator"].as_str().unwrap() {
                "k1_reward" => Distillation::RewardK1,
                "k2" => Distillation::Loss(LossEstimator::K2),
                "k3" => Distillation::Loss(LossEstimator::K3),
                _ => Distillation::FullVocabulary,
            };
            let masking = match variant["masking"].as_str().unwrap() {
                "response" => Masking::Response,
                "group" => Masking::Group,
                _ => Masking::Everything,
            };
            let weights = Weights { reward: 1.0, distillation: beta };
            kdrl::joint(&rollouts, weights, distillation, masking, Conventions::default()).unwrap().outcome
        };
        let name = format!("{name} {} {}", variant["integration"], variant["estimator"]);
        let gradient = device.gradient(&outcome.gradients);
        // Sums of parts of either sign: rounding is relative to the parts.
        let off = (f64::from(outcome.loss) - variant["loss"].as_f64().unwrap()).abs();
        assert!(off <= TOLERANCE * variant["loss"].as_f64().unwrap().abs().max(0.01), "{name}: loss off by {off:e}");
        worst = worst.max(close(&name, &gradient, &flat(&variant["grad_student_logits"]), TOLERANCE));
    }
    worst
}

/// A tiny model: Llama's form, or GPT-2's.
fn config(family: Family) -> Config {
    Config { hidden: 16, ffn: 24, head_size: 4, context: 24, ..Config::small(family) }
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

fn trainer(family: Family, seed: u64, backend: &mut dyn Backend) -> Trainer {
    let decoder = Decoder::random(&config(family), 24, Precision::uniform(WeightType::F32), seed, backend).unwrap();
    Trainer::new(decoder, None, &settings(), backend).unwrap()
}

/// One step on random tokens, of which every fourth predicts nothing.
fn step(trainer: &mut Trainer, at: u64, backend: &mut dyn Backend) -> Result<f64, TrainError> {
    let mut random = Random::new(at);
    let mut list = || (0..21).map(|_| u32::try_from(random.below(48)).unwrap()).collect::<Vec<_>>();
    let (tokens, mut targets) = (list(), list());
    targets.iter_mut().step_by(4).for_each(|target| *target = NO_COLUMN);
    trainer.step(backend, &[Batch { tokens: &tokens, targets: &targets }]).map(|report| report.loss)
}

fn run(trainer: &mut Trainer, steps: std::ops::Range<u64>, backend: &mut dyn Backend) -> Vec<f64> {
    steps.map(|at| step(trainer, at, backend).unwrap()).collect()
}

#[track_caller]
fn same(name: &str, got: &[f64], want: &[f64], tolerance: f64) -> f64 {
    assert_eq!(got.len(), want.len());
    let worst = got.iter().zip(want).map(|(got, want)| (got - want).abs()).fold(0.0, f64::max);
    assert!(worst <= tolerance, "{name}: {worst:e}, {got:?} for {want:?}");
    worst
}

mod adapter {
    use super::*;

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn losses_and_gradients_are_those_of_published_cases() {
        for adapter in Gpu::adapters() {
            for kernels in [Kernels::Serial, Kernels::Parallel] {
                for (file, check) in [("tdpo", tdpo as fn(&str, Gpu, &Value) -> f64), ("kdrl", kdrl)] {
                    let name = format!("{file} on {}, {kernels:?}", adapter.name);
                    let all = cases(file);
                    let offs = all.iter().map(|case| check(&name, open(&adapter.name, kernels), case));
                    println!("{name}: {:.1e} in {} cases", offs.fold(0.0, f64::max), all.len());
                }
            }
        }
    }

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn a_decoder_learns_as_on_the_cpu() {
        for family in [Family::Llama, Family::Gpt2] {
            let mut cpu = Cpu::training();
            let want = run(&mut trainer(family, 5, &mut cpu), 0..10, &mut cpu);
            each(|name, mut gpu| {
                let mut trainer = trainer(family, 5, &mut gpu);
                let start = Instant::now();
                let got = run(&mut trainer, 0..10, &mut gpu);
                let steps_per_second = 10.0 / start.elapsed().as_secs_f64();
                let off = same(name, &got, &want, 1e-4);
                println!("{family:?}, {name}: losses within {off:.1e}, {steps_per_second:.1} steps/s");
                trainer.free(&mut gpu).unwrap();
                assert_eq!(gpu.memory(), MemoryUse::default(), "{name}");
            });
            assert!((want[0] - want[9]).abs() > 1e-3, "{want:?}");
        }
    }

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn a_resumed_run_goes_on_as_it_was() {
        each(|name, mut gpu| {
            let mut whole = trainer(Family::Llama, 5, &mut gpu);
            run(&mut whole, 0..3, &mut gpu);
            let bytes = whole.checkpoint(&mut gpu, &Progress::default()).unwrap();
            let want = run(&mut whole, 3..6, &mut gpu);
            let mut half = trainer(Family::Llama, 99, &mut gpu);
            assert_eq!(half.resume(&mut gpu, &bytes).unwrap().step, 3, "{name}");
            let off = same(name, &run(&mut half, 3..6, &mut gpu), &want, 1e-6);
            println!("{name}: resumed within {off:.1e}");
        });
    }

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn a_run_whose_device_is_lost_goes_on_elsewhere() {
        each(|name, mut gpu| {
            let mut first = trainer(Family::Llama, 5, &mut gpu);
            run(&mut first, 0..3, &mut gpu);
            let bytes = first.checkpoint(&mut gpu, &Progress::default()).unwrap();
            let want = run(&mut first, 3..4, &mut gpu);
            gpu.loser()();
            let error = step(&mut first, 4, &mut gpu).unwrap_err();
            assert!(matches!(error, TrainError::Backend(BackendError::DeviceLost { .. })), "{name}: {error}");
            let mut cpu = Cpu::training();
            let mut second = trainer(Family::Llama, 99, &mut cpu);
            second.resume(&mut cpu, &bytes).unwrap();
            same(name, &run(&mut second, 3..4, &mut cpu), &want, 1e-4);
        });
    }
}
