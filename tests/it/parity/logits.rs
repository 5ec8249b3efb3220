//! Checkpoints as transformers saved them, computed by the engine, against what transformers computed from them.

use std::task::{Context, Poll, Waker};

use frugal_decode::cache::FullCache;
use frugal_decode::{Generator, Limits, Sampling, SequenceEvent, SequenceRequest};
use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, LoadError, Loader, MatrixOrder, Precision, Step, StepInput, WeightType};
use frugal_model::weights::{Stream, WeightsError};
use frugal_tensor::{Backend, Cpu, DType, MemoryUse};

use super::{MODELS, bytes, files, json, plain};

/// Relative to the largest logit.
const LOGITS_TOLERANCE: f32 = 2e-5;
/// Of one token at a time against all at once, relative to the largest logit.
const INCREMENTAL_TOLERANCE: f32 = 1e-5;

const GGUF: [&str; 2] = ["f32", "f16"];

fn push(loader: &mut Loader, backend: &mut dyn Backend, path: &str, content: &[u8]) -> Result<(), LoadError> {
    let mut stream = Stream::new(path, content.len() as u64);
    for chunk in content.chunks(4099) {
        stream.push_to(chunk, &mut |listing, piece| loader.take(&mut *backend, listing, &piece))?;
    }
    stream.finish()?;
    Ok(())
}

fn decoder(model: &str, backend: &mut dyn Backend) -> Decoder {
    let config = Config::from_json(&bytes(&format!("{model}/config.json"))).unwrap();
    let precision = Precision::uniform(WeightType::F32);
    let mut loader = Loader::new(&config, config.context, MatrixOrder::Transformers, precision, backend).unwrap();
    for file in files(model) {
        let path = format!("{model}/{file}");
        push(&mut loader, backend, &path, &bytes(&path)).unwrap();
    }
    loader.finish(backend).unwrap()
}

/// Logits at every token of a prompt, computed in chunks.
fn logits(decoder: &Decoder, tokens: &[u32], chunk: usize, backend: &mut dyn Backend) -> Vec<f32> {
    let cache = FullCache::new(decoder, 1, tokens.len(), DType::F32, backend).unwrap();
    let step = Step::new(decoder, cache.layers(), chunk, chunk, backend).unwrap();
    let mut all = Vec::new();
    let mut first = 0_u32;
    for tokens in tokens.chunks(chunk) {
        let count = u32::try_from(tokens.len()).unwrap();
        let positions: Vec<u32> = (first..first + count).collect();
        let outputs: Vec<u32> = (0..count).collect();
        let slots = vec![0; tokens.len()];
        step.run(backend, &StepInput { tokens, positions: &positions, slots: &slots, outputs: &outputs }).unwrap();
        let read = step.read_logits(backend, tokens.len()).unwrap();
        let mut got = vec![0.0_f32; tokens.len() * decoder.config().vocabulary];
        let mut context = Context::from_waker(Waker::noop());
        while Step::poll(backend, read, &mut context, &mut got).is_pending() {}
        all.extend(got);
        first += count;
    }
    step.free(backend).unwrap();
    cache.free(backend).unwrap();
    all
}

/// The largest difference, relative to the largest value.
fn difference(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    let largest = want.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    assert!(largest > 0.1 && got.iter().all(|value| value.is_finite()));
    got.iter().zip(want).map(|(got, want)| (got - want).abs()).fold(0.0, f32::max) / largest
}

fn prompts(model: &str) -> Vec<Vec<u32>> {
    serde_json::from_value(json(&format!("{model}/expected.json"))["prompts"].clone()).unwrap()
}

/// What transformers computed for each prompt.
fn expected_logits(model: &str) -> Vec<Vec<f32>> {
    let mut tensors = plain(&bytes(&format!("{model}/logits.safetensors")));
    tensors.sort();
    let values = |bytes: &[u8]| bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    tensors.iter().map(|(_, _, bytes)| values(bytes)).collect()
}

fn backends() -> [(&'static str, Cpu); 2] {
    [("reference", Cpu::reference()), ("fast", Cpu::fast())]
}

#[test]
fn logits_are_those_of_transformers() {
    for model in MODELS {
        let (prompts, wanted) = (prompts(model), expected_logits(model));
        assert_eq!((prompts.len(), wanted.len()), (3, 3));
        for (name, mut cpu) in backends() {
            let decoder = decoder(model, &mut cpu);
            for (prompt, want) in prompts.iter().zip(&wanted) {
                let whole = logits(&decoder, prompt, prompt.len(), &mut cpu);
                let off = difference(&whole, want);
                println!("{model}, {name}, {} tokens: {off:.1e} of the largest logit", prompt.len());
                assert!(off <= LOGITS_TOLERANCE, "{model}, {name}, {} tokens: {off:e}", prompt.len());
                for chunk in [1, 5] {
                    let off = difference(&logits(&decoder, prompt, chunk, &mut cpu), &whole);
                    assert!(off <= INCREMENTAL_TOLERANCE, "{model}, {name}, {} in {chunk}s: {off:e}", prompt.len());
                }
            }
            decoder.free(&mut cpu).unwrap();
            assert_eq!(cpu.memory(), MemoryUse::default(), "{model}, {name}");
        }
    }
}

#[test]
fn greedy_tokens_are_those_of_transformers() {
    for model in MODELS {
        let wanted: Vec<Vec<u32>> =
            serde_json::from_value(json(&format!("{model}/expected.json"))["greedy"].clone()).unwrap();
        for (name, mut cpu) in backends() {
            let decoder = decoder(model, &mut cpu);
            // All three at once, in small chunks: company and cuts change nothing.
            let limits = Limits { slots: 3, context: 128, chunk: 8, cache: DType::F32 };
            let mut generator = Generator::new(decoder, limits, &mut cpu).unwrap();
            let ids: Vec<_> = prompts(model)
                .into_iter()
                .map(|prompt| {
                    let sampling = Sampling::GREEDY;
                    let request = SequenceRequest { prompt, max_tokens: 64, end: vec![], sampling, logprobs: None };
                    generator.start(request, 0.0).unwrap()
                })
                .collect();
            let mut events = Vec::new();
            while generator.running() > 0 {
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(result) = generator.poll(&mut cpu, &mut context, &mut || 0.0, &mut events) {
                    result.unwrap();
                }
            }
            for (want, of) in wanted.iter().zip(ids) {
                let token = |event: &SequenceEvent| match event {
                    SequenceEvent::Token { id, token, .. } if *id == of => Some(*token),
                    _ => None,
                };
                let got: Vec<u32> = events.iter().filter_map(token).collect();
                assert_eq!((got.len(), &got), (64, want), "{model}, {name}");
            }
        }
    }
}

#[test]
fn gguf_computes_what_its_checkpoint_does() {
    let (prompts, wanted) = (prompts("llama"), expected_logits("llama"));
    for (kind, tolerance) in GGUF.into_iter().zip([LOGITS_TOLERANCE, 5e-3]) {
        let path = format!("gguf/llama-{kind}.gguf");
        let content = bytes(&path);
        let mut cpu = Cpu::fast();
        let mut stream = Stream::new(&path, content.len() as u64);
        stream.push(&content, &mut |_, _| Ok(())).unwrap();
        let listing = stream.finish().unwrap();
        let has_head = listing.entries.iter().any(|entry| entry.name == "output.weight");
        let config = Config::from_gguf(listing.metadata.as_ref().unwrap(), has_head).unwrap();
        let precision = Precision::uniform(WeightType::F32);
        let mut loader = Loader::new(&config, 128, MatrixOrder::OutputFirst, precision, &mut cpu).unwrap();
        push(&mut loader, &mut cpu, &path, &content).unwrap();
        let decoder = loader.finish(&mut cpu).unwrap();
        for (prompt, want) in prompts.iter().zip(&wanted) {
            let off = difference(&logits(&decoder, prompt, prompt.len(), &mut cpu), want);
            assert!(off <= tolerance, "{kind}: {off:e}");
        }
    }
}

#[test]
fn a_value_that_is_no_number_stops_the_load() {
    let path = "llama/model.safetensors";
    let mut content = bytes(path);
    let at = content.len() - 8;
    content[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut cpu = Cpu::fast();
    let config = Config::from_json(&bytes("llama/config.json")).unwrap();
    let precision = Precision::uniform(WeightType::F32);
    let mut loader = Loader::new(&config, 128, MatrixOrder::Transformers, precision, &mut cpu).unwrap();
    let error = push(&mut loader, &mut cpu, path, &content).unwrap_err();
    assert!(matches!(error, LoadError::Weights(WeightsError::Tensor { .. })), "{error}");
    assert!(error.to_string().contains("NaN at element"), "{error}");
    loader.abandon(&mut cpu);
    assert_eq!(cpu.memory(), MemoryUse::default());
}
