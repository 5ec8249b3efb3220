#![allow(clippy::unwrap_used)]
use frugal_nn::attention::KeyValueCache;
use frugal_tensor::quant::Scheme;
use frugal_tensor::{Backend, Cpu, DType, Memory, MemoryUse, Tensor};

use super::*;
use crate::config::Family;

/// A tiny model of each family.
fn config(family: Family) -> Config {
    Config { context: 24, ..Config::small(family) }
}

const FAMILIES: [Family; 3] = [Family::Llama, Family::Qwen2, Family::Gpt2];

fn caches(decoder: &Decoder, slots: usize, backend: &mut dyn Backend) -> Vec<KeyValueCache> {
    let (context, cols) = (decoder.context(), decoder.cache_cols());
    let mut part = || {
        let buffer = backend.allocate(slots * context * cols * 4, Memory::Cache).unwrap();
        Tensor::dense(buffer, slots * context, cols, DType::F32)
    };
    (0..decoder.config().layers).map(|_| KeyValueCache { keys: part(), values: part(), context }).collect()
}

/// Logits of every token, computed in chunks of `chunk`.
fn logits(decoder: &Decoder, tokens: &[u32], chunk: usize, backend: &mut dyn Backend) -> Vec<f32> {
    let caches = caches(decoder, 1, backend);
    let step = Step::new(decoder, &caches, chunk, chunk, backend).unwrap();
    let mut all = Vec::new();
    for (at, tokens) in tokens.chunks(chunk).enumerate() {
        let count = u32::try_from(tokens.len()).unwrap();
        let first = u32::try_from(at * chunk).unwrap();
        let positions: Vec<u32> = (first..first + count).collect();
        let outputs: Vec<u32> = (0..count).collect();
        let input = StepInput { tokens, positions: &positions, slots: &vec![0; tokens.len()], outputs: &outputs };
        step.run(backend, &input).unwrap();
        let read = step.read_logits(backend, tokens.len()).unwrap();
        let mut got = vec![0.0_f32; tokens.len() * decoder.config().vocabulary];
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        while Step::poll(backend, read, &mut context, &mut got).is_pending() {}
        all.extend(got);
    }
    all
}

fn random(family: Family, weight: WeightType, backend: &mut dyn Backend) -> Decoder {
    Decoder::random(&config(family), 24, Precision::uniform(weight), 5, backend).unwrap()
}

#[track_caller]
fn close(got: &[f32], want: &[f32], tolerance: f32) {
    assert_eq!(got.len(), want.len());
    let largest = want.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let worst = got.iter().zip(want).map(|(got, want)| (got - want).abs()).fold(0.0, f32::max);
    assert!(worst <= tolerance * largest && largest > 0.1, "{worst} of {largest}");
}

const TOKENS: [u32; 20] = [3, 17, 4, 4, 47, 0, 9, 21, 33, 12, 8, 40, 2, 5, 6, 30, 29, 1, 11, 13];

#[test]
fn one_token_at_a_time_equals_the_whole_on_both_cpus() {
    for family in FAMILIES {
        let mut reference = Cpu::reference();
        let decoder = random(family, WeightType::F32, &mut reference);
        let whole = logits(&decoder, &TOKENS, TOKENS.len(), &mut reference);
        for chunk in [1, 7] {
            close(&logits(&decoder, &TOKENS, chunk, &mut reference), &whole, 1e-6);
        }
        let mut fast = Cpu::fast();
        let decoder = random(family, WeightType::F32, &mut fast);
        for chunk in [1, 7, 20] {
            close(&logits(&decoder, &TOKENS, chunk, &mut fast), &whole, 1e-5);
        }
    }
}

#[test]
fn stored_weights_stay_near_the_f32_model() {
    for family in FAMILIES {
        let mut cpu = Cpu::fast();
        let decoder = random(family, WeightType::F32, &mut cpu);
        let want = logits(&decoder, &TOKENS, 20, &mut cpu);
        let types = [(WeightType::F16, 2e-3), (WeightType::Bf16, 2e-2), (WeightType::Quant(Scheme::Q8_0), 3e-2)];
        for (weight, tolerance) in types.into_iter().chain([(WeightType::Quant(Scheme::Q4_0), 0.4)]) {
            let decoder = random(family, weight, &mut cpu);
            let got = logits(&decoder, &TOKENS, 20, &mut cpu);
            close(&got, &want, tolerance);
            let mut reference = Cpu::reference();
            let decoder = random(family, weight, &mut reference);
            close(&logits(&decoder, &TOKENS, 20, &mut reference), &got, 1e-5);
        }
    }
}

#[test]
fn a_gpt2_file_is_turned() {
    let mut cpu = Cpu::fast();
    let want = random(Family::Gpt2, WeightType::F32, &mut cpu);
    let want = logits(&want, &TOKENS, 20, &mut cpu);
    let config = config(Family::Gpt2);
    let precision = Precision::uniform(WeightType::F32);
    let mut plain = Loader::new(&config, 24, MatrixOrder::OutputFirst, precision, &mut cpu).unwrap();
    let mut turned = Loader::new(&config, 24, MatrixOrder::Transformers, precision, &mut cpu).unwrap();
    // The same numbers, once as they are and once with layers' matrices the other way round.
    let mut names: Vec<_> = plain.wanted().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
    names.sort();
    for (name, shape) in names {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0_u16..).take(count).map(|i| (f32::from(i % 997) * 0.37).sin() * 0.3).collect();
        plain.push(&mut cpu, &name, &shape, 0, &values).unwrap();
        let theirs = turned.wanted().find(|(wanted, _)| *wanted == name).unwrap().1.to_vec();
        let is_turned = name.contains(".c_") && shape.len() == 2;
        assert!(!is_turned || theirs == [shape[1], shape[0]], "{name}");
        let values = if is_turned {
            (0..count).map(|at| values[at % shape[0] * shape[1] + at / shape[0]]).collect()
        } else {
            values
        };
        // In three pieces that end within rows.
        let (first, second) = (count / 3, count / 3 * 2 + 1);
        for (from, to) in [(0, first), (first, second.min(count)), (second.min(count), count)] {
            turned.push(&mut cpu, &name, &theirs, from, &values[from..to]).unwrap();
        }
    }
    let plain = logits(&plain.finish(&mut cpu).unwrap(), &TOKENS, 20, &mut cpu);
    assert_eq!(plain, logits(&turned.finish(&mut cpu).unwrap(), &TOKENS, 20, &mut cpu));
    assert_ne!(plain, want);
}

#[test]
fn what_does_not_fit_is_refused_and_freed() {
    let mut cpu = Cpu::fast();
    let config = config(Family::Llama);
    let precision = Precision::uniform(WeightType::F32);
    let mut loader = Loader::new(&config, 24, MatrixOrder::Transformers, precision, &mut cpu).unwrap();
    let name = "model.layers.1.self_attn.k_proj.weight";
    assert!(loader.wants(name) && !loader.wants("model.layers.2.self_attn.k_proj.weight"));
    let error = loader.push(&mut cpu, name, &[32, 16], 0, &[0.0; 8]).unwrap_err();
    assert!(matches!(error, LoadError::Shape { want, .. } if want == [16, 32]));
    loader.push(&mut cpu, name, &[16, 32], 0, &[0.0; 8]).unwrap();
    for (start, count) in [(9, 1), (0, 1), (8, 16 * 32)] {
        let error = loader.push(&mut cpu, name, &[16, 32], start, &vec![0.0; count]).unwrap_err();
        assert!(matches!(error, LoadError::OutOfOrder { have: 8, .. }), "{error}");
    }
    loader.push(&mut cpu, "anything.else", &[1], 0, &[0.0]).unwrap();
    // Embedding, head, last norm, and per layer two norms, four of attention, three of the FFN.
    let error = loader.finish(&mut cpu).unwrap_err();
    assert!(matches!(error, LoadError::Missing { count: 21, .. }), "{error}");
    assert_eq!(cpu.memory(), MemoryUse::default());
    // 32 columns are not whole groups of 24.
    let scheme = Scheme::symmetric(frugal_tensor::quant::Bits::Four, 24, true);
    let precision = Precision::uniform(WeightType::Quant(scheme));
    assert!(Decoder::random(&config, 24, precision, 1, &mut cpu).is_err());
    assert_eq!(cpu.memory(), MemoryUse::default());
}

#[test]
fn memory_is_what_the_shape_says() {
    for family in FAMILIES {
        let mut cpu = Cpu::fast();
        let decoder = random(family, WeightType::F32, &mut cpu);
        let parameters = usize::try_from(decoder.config().parameters()).unwrap();
        let table = if family == Family::Gpt2 { 0 } else { 24 * 8 };
        assert_eq!(cpu.memory().weights_bytes, (parameters + table) * 4, "{family:?}");
        decoder.free(&mut cpu).unwrap();
        assert_eq!(cpu.memory(), MemoryUse::default());
    }
}
