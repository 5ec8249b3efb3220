//! `frugal-gpu-tests [m1] [m15] [int4]`: decoders of random weights on every Vulkan adapter with each kind of kernels, and on
//! the CPU: a prompt of 64 tokens, greedy; tokens per second and dispatches per token. On a software adapter the numbers say
//! that it works, not how fast a GPU is.
#![allow(clippy::print_stdout)] // its output is its result

use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use frugal_decode::{Generator, Limits, Sampling, SequenceEvent, SequenceRequest, Timeline};
use frugal_gpu::{Gpu, Kernels, Options, block_on};
use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, Precision, WeightType};
use frugal_tensor::quant::Scheme;
use frugal_tensor::{Backend, Cpu, DType};

const PROMPT: u32 = 64;
const TOKENS: usize = 33;

fn config(name: &str) -> Config {
    let (hidden, layers, heads, ffn, vocabulary) =
        if name == "m15" { (288, 6, 6, 768, 32_000) } else { (128, 4, 4, 384, 1024) };
    let (kv_heads, head_size) = (heads, hidden / heads);
    Config { vocabulary, hidden, ffn, layers, heads, kv_heads, head_size, context: 256, ..Config::small_llama() }
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match table() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn table() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let weight = if named("int4") { WeightType::Quant(Scheme::Q4_0) } else { WeightType::F32 };
    let models: Vec<&str> = if named("m15") { vec!["m15"] } else { vec!["m1"] };
    println!("| model | where | decode tokens/s | p50 ms | prefill tokens/s | dispatches a token |");
    println!("|---|---|---|---|---|---|");
    for model in models {
        let config = config(model);
        let mut cpu = Cpu::fast();
        let (timeline, tokens) = measure(&config, weight, &mut cpu)?;
        println!("| {model} | {} | {} | |", cpu.describe(), cells(&timeline));
        for adapter in Gpu::adapters().into_iter().map(|adapter| adapter.name) {
            for kernels in [Kernels::Serial, Kernels::Parallel] {
                let options = Options { adapter: Some(adapter.clone()), kernels: Some(kernels), ..Options::default() };
                let start = Instant::now();
                let mut gpu = block_on(Gpu::open(options))?;
                let opened_ms = start.elapsed().as_millis();
                let before = gpu.dispatched();
                let (timeline, same) = measure(&config, weight, &mut gpu)?;
                let dispatched = gpu.dispatched() - before;
                let verdict = if same == tokens { "the CPU's tokens" } else { "OTHER TOKENS" };
                let place = format!("{adapter}, {kernels:?}, opened in {opened_ms} ms, {verdict}");
                println!("| {model} | {place} | {} | {} |", cells(&timeline), dispatched / (TOKENS as u64));
            }
        }
    }
    Ok(())
}

fn cells(timeline: &Timeline) -> String {
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
    let (decode, p50) = (shown(timeline.tokens_per_second), shown(timeline.token_p50_ms));
    format!("{decode} | {p50} | {}", shown(timeline.prefill_tokens_per_second))
}

/// What one prompt took, and the tokens that came.
fn measure(config: &Config, weight: WeightType, backend: &mut dyn Backend) -> Result<(Timeline, Vec<u32>), Failure> {
    let decoder = Decoder::random(config, 256, Precision::uniform(weight), 20_240_607, backend)?;
    let limits = Limits { slots: 1, context: 256, chunk: 64, cache: DType::F32 };
    let mut generator = Generator::new(decoder, limits, backend)?;
    let start = Instant::now();
    let mut now_ms = || start.elapsed().as_secs_f64() * 1000.0;
    let limit = u32::try_from(config.vocabulary)?;
    let prompt = (0..PROMPT).map(|i| (i * 7919 + 13) % limit).collect();
    let sampling = Sampling::GREEDY;
    let request = SequenceRequest { prompt, max_tokens: TOKENS, end: vec![], sampling, logprobs: None };
    generator.start(request, now_ms())?;
    let mut events = Vec::new();
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(result) = generator.poll(backend, &mut context, &mut now_ms, &mut events) {
            result?;
        }
        if let Some(SequenceEvent::Token { finish: Some((_, timeline)), .. }) = events.last() {
            let timeline = *timeline;
            let token = |event: &SequenceEvent| match event {
                SequenceEvent::Token { token, .. } => Some(*token),
                _ => None,
            };
            generator.free(backend)?;
            return Ok((timeline, events.iter().filter_map(token).collect()));
        }
    }
}
