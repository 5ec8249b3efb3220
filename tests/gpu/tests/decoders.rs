//! Checkpoints as transformers saved them, on every adapter, against what transformers computed from them.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::PathBuf;
use std::task::{Context, Poll, Waker};

use frugal_decode::cache::FullCache;
use frugal_decode::{Generator, Limits, Sampling};
use frugal_gpu::{Gpu, Kernels, Options, block_on};
use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, Loader, MatrixOrder, Precision, Step, StepInput, WeightType};
use frugal_model::weights::{ShardIndex, Stream};
use frugal_session::{Codec, Event, Prompt, Request, Session, SessionError, TextParts};
use frugal_tensor::{Backend, BackendError, DType, MemoryUse};

const MODELS: [&str; 3] = ["gpt2", "llama", "qwen2"];
/// Relative to the largest logit.
const LOGITS_TOLERANCE: f32 = 2e-5;

fn bytes(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors/parity").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &str) -> serde_json::Value {
    serde_json::from_slice(&bytes(path)).unwrap()
}

/// The files that hold a checkpoint's tensors.
fn files(model: &str) -> Vec<String> {
    let name = "model.safetensors.index.json";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors/parity").join(model).join(name);
    if !path.exists() {
        return vec!["model.safetensors".to_owned()];
    }
    let index = ShardIndex::read(name, &fs::read(path).unwrap()).unwrap();
    index.files().into_iter().map(str::to_owned).collect()
}

fn decoder(model: &str, backend: &mut dyn Backend) -> Decoder {
    let config = Config::from_json(&bytes(&format!("{model}/config.json"))).unwrap();
    let precision = Precision::uniform(WeightType::F32);
    let mut loader = Loader::new(&config, config.context, MatrixOrder::Transformers, precision, backend).unwrap();
    for file in files(model) {
        let content = bytes(&format!("{model}/{file}"));
        let mut stream = Stream::new(&file, content.len() as u64);
        for chunk in content.chunks(4099) {
            stream.push_to(chunk, &mut |listing, piece| loader.take(&mut *backend, listing, &piece)).unwrap();
        }
        stream.finish().unwrap();
    }
    loader.finish(backend).unwrap()
}

/// Logits at every token of a prompt, computed in chunks.
fn logits(decoder: &Decoder, tokens: &[u32], chunk: usize, cache: DType, backend: &mut dyn Backend) -> Vec<f32> {
    let cache = FullCache::new(decoder, 1, tokens.len(), cache, backend).unwrap();
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
        block_on(std::future::poll_fn(|context| Step::poll(backend, read, context, &mut got))).unwrap();
        all.extend(got);
        first += count;
    }
    step.free(backend).unwrap();
    cache.free(backend).unwrap();
    all
}

/// What transformers computed for each prompt; read in the plainest way.
fn expected_logits(model: &str) -> Vec<Vec<f32>> {
    let file = bytes(&format!("{model}/logits.safetensors"));
    let end = 8 + usize::try_from(u64::from_le_bytes(file[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&file[8..end]).unwrap();
    let mut tensors: Vec<_> = header.iter().filter(|(name, _)| *name != "__metadata__").collect();
    tensors.sort_by_key(|(name, _)| (*name).clone());
    let place = |entry: &serde_json::Value| {
        let [from, to]: [usize; 2] = serde_json::from_value(entry["data_offsets"].clone()).unwrap();
        file[end + from..end + to].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    };
    tensors.into_iter().map(|(_, entry)| place(entry)).collect()
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

/// Each adapter with each kind of kernels.
fn each(mut check: impl FnMut(&str, Gpu)) {
    let adapters = Gpu::adapters();
    assert!(!adapters.is_empty(), "no Vulkan driver: `cargo xtask setup --tests` finds one");
    for name in adapters.into_iter().map(|adapter| adapter.name) {
        for kernels in [Kernels::Serial, Kernels::Parallel] {
            let options =
                Options { adapter: Some(name.clone()), kernels: Some(kernels), untested: true, ..Options::default() };
            check(&format!("{name}, {kernels:?}"), block_on(Gpu::open(options)).unwrap());
        }
    }
}

/// Tokens as they are: no text goes in or out.
struct Silent;

impl Codec for Silent {
    fn encode(&self, _: &str, _: bool) -> Result<Vec<u32>, String> {
        Err("tokens only".to_owned())
    }

    fn text(&self) -> Box<dyn TextParts> {
        Box::new(Self)
    }
}

impl TextParts for Silent {
    fn push(&mut self, _: u32) -> Result<String, String> {
        Ok(String::new())
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

/// A session of three slots and small chunks on this checkpoint.
fn session(model: &str, mut gpu: Gpu) -> Session {
    let decoder = decoder(model, &mut gpu);
    let limits = Limits { slots: 3, context: 128, chunk: 8, cache: DType::F32 };
    let generator = Generator::new(decoder, limits, &mut gpu).unwrap();
    Session::new(Box::new(gpu), generator, Box::new(Silent), 8)
}

fn request(prompt: Vec<u32>, max_tokens: usize) -> Request {
    let sampling = Sampling::GREEDY;
    Request { prompt: Prompt::Tokens(prompt), max_tokens, sampling, stop: vec![], logprobs: None }
}

mod adapter {
    use super::*;

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn logits_are_those_of_transformers() {
        each(|name, mut gpu| {
            for model in MODELS {
                let decoder = decoder(model, &mut gpu);
                let mut worst = 0.0_f32;
                for (prompt, want) in prompts(model).iter().zip(&expected_logits(model)) {
                    for chunk in [prompt.len(), 5, 1] {
                        let got = logits(&decoder, prompt, chunk, DType::F32, &mut gpu);
                        let off = difference(&got, want);
                        assert!(off <= LOGITS_TOLERANCE, "{model}, {name}, {} in {chunk}s: {off:e}", prompt.len());
                        worst = worst.max(off);
                    }
                    // A cache of halves is coarser: 11 bits of each key and value.
                    let off = difference(&logits(&decoder, prompt, 5, DType::F16, &mut gpu), want);
                    assert!(off > 0.0 && off <= 5e-3, "{model}, {name}, f16 cache: {off:e}");
                }
                println!("{model}, {name}: {worst:.1e} of the largest logit");
                decoder.free(&mut gpu).unwrap();
                assert_eq!(gpu.memory(), MemoryUse::default(), "{model}, {name}");
            }
        });
    }

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn greedy_tokens_are_those_of_transformers() {
        for model in MODELS {
            let expected = json(&format!("{model}/expected.json"));
            let wanted: Vec<Vec<u32>> = serde_json::from_value(expected["greedy"].clone()).unwrap();
            each(|name, gpu| {
                // All three at once: company and cuts change nothing.
                let mut session = session(model, gpu);
                let ids: Vec<_> = prompts(model)
                    .into_iter()
                    .map(|prompt| session.submit(request(prompt, 64), 0.0).unwrap())
                    .collect();
                let (mut events, mut finished) = (Vec::new(), 0);
                while finished < ids.len() {
                    let mut context = Context::from_waker(Waker::noop());
                    let _ = session.poll(&mut context, &mut || 0.0, &mut events);
                    finished = events.iter().filter(|(_, event)| matches!(event, Event::Finished { .. })).count();
                    let failed = events.iter().find(|(_, event)| matches!(event, Event::Failed(_)));
                    assert!(failed.is_none(), "{model}, {name}: {failed:?}");
                }
                for (want, of) in wanted.iter().zip(ids) {
                    let token = |(id, event): &(_, Event)| match event {
                        Event::Token { token, .. } if *id == of => Some(*token),
                        _ => None,
                    };
                    let got: Vec<u32> = events.iter().filter_map(token).collect();
                    assert_eq!((got.len(), &got), (64, want), "{model}, {name}");
                }
            });
        }
    }

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn a_token_takes_six_dispatches_a_layer() {
        each(|name, mut gpu| {
            for model in MODELS {
                let decoder = decoder(model, &mut gpu);
                let cache = FullCache::new(&decoder, 1, 8, DType::F32, &mut gpu).unwrap();
                let step = Step::new(&decoder, cache.layers(), 1, 1, &mut gpu).unwrap();
                let before = gpu.dispatched();
                let (one, zero): (&[u32], &[u32]) = (&[1], &[0]);
                step.run(&mut gpu, &StepInput { tokens: one, positions: zero, slots: zero, outputs: zero }).unwrap();
                let dispatched = gpu.dispatched() - before;
                // Embedding, perhaps positions, the row that is wanted, norm and head, argmax.
                let around = if model == "gpt2" { 5 } else { 4 };
                let layers = decoder.config().layers as u64;
                assert_eq!(dispatched, 6 * layers + around, "{model}, {name}");
                step.free(&mut gpu).unwrap();
                cache.free(&mut gpu).unwrap();
                decoder.free(&mut gpu).unwrap();
            }
        });
    }

    #[test]
    #[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
    fn a_device_lost_in_mid_answer_ends_each_request_once() {
        each(|name, gpu| {
            let lose = gpu.loser();
            let mut session = session("llama", gpu);
            let ids = [0, 1].map(|_| session.submit(request(vec![1, 2, 3], 40), 0.0).unwrap());
            let (mut events, mut polls) = (Vec::new(), 0);
            let ended = |events: &[(_, Event)]| {
                events.iter().filter(|(_, event)| matches!(event, Event::Failed(_) | Event::Finished { .. })).count()
            };
            while ended(&events) < ids.len() {
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(()) = session.poll(&mut context, &mut || 0.0, &mut events) {
                    polls += 1;
                }
                let tokens = events.iter().filter(|(_, event)| matches!(event, Event::Token { .. })).count();
                if tokens >= 5 {
                    lose();
                }
                assert!(polls < 200, "{name}: it goes on for ever");
            }
            for id in ids {
                let last: Vec<_> = events.iter().filter(|(of, _)| *of == id).map(|(_, event)| event).collect();
                let lost = |event: &Event| {
                    matches!(event, Event::Failed(SessionError::Backend(BackendError::DeviceLost { .. })))
                };
                assert!(last.last().is_some_and(|event| lost(event)), "{name}: {last:?}");
            }
        });
    }
}
