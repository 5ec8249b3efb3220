//! `frugal-engine-bench [m1] [m15] [f32] [f16] [int8] [int4] [q8_0] [q4_0]`: decoders of random weights, a prompt of 64
//! tokens, greedy, one thread; tokens per second beside the bandwidth that a plain reading loop reaches over as many
//! bytes in the same run. Names choose models and storages; none is all.
#![allow(clippy::print_stdout)] // its output is its result

mod stream;

use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use frugal_decode::{Generator, Limits, Sampling, SequenceEvent, SequenceRequest, Timeline};
use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, Precision, WeightType};
use frugal_tensor::quant::{Bits, Scheme};
use frugal_tensor::{Backend, Cpu, DType};

const PROMPT: usize = 64;
const TOKENS: usize = 129;
const ROUNDS: usize = 5;

const STORAGES: [(&str, WeightType); 6] = [
    ("f32", WeightType::F32),
    ("f16", WeightType::F16),
    ("int8", WeightType::Quant(Scheme::symmetric(Bits::Eight, 32, true))),
    ("int4", WeightType::Quant(Scheme::symmetric(Bits::Four, 32, true))),
    ("q8_0", WeightType::Quant(Scheme::Q8_0)),
    ("q4_0", WeightType::Quant(Scheme::Q4_0)),
];

fn config(name: &str) -> Option<Config> {
    let (hidden, layers, heads, ffn, vocabulary) = match name {
        "m1" => (128, 4, 4, 384, 1024),
        "m15" => (288, 6, 6, 768, 32_000),
        _ => return None,
    };
    Some(Config {
        vocabulary,
        hidden,
        ffn,
        layers,
        heads,
        kv_heads: heads,
        head_size: hidden / heads,
        context: 256,
        ..Config::small_llama()
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &String| config(name).is_some() || STORAGES.iter().any(|(storage, _)| storage == name);
    if let Some(unknown) = arguments.iter().find(|argument| !known(argument)) {
        eprintln!("error: `{unknown}` is no model and no storage; known are m1, m15, f32, f16, int8, int4, q8_0, q4_0");
        return ExitCode::from(2);
    }
    let models: Vec<&str> = chosen(&["m1", "m15"], &arguments);
    let storages: Vec<&str> = chosen(&STORAGES.map(|(name, _)| name), &arguments);
    println!("backend: {}", Cpu::fast().describe());
    println!(
        "| model | weights | MB | decode tokens/s | p50 ms | prefill tokens/s | read GB/s | streaming GB/s | share |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for model in models {
        for (name, weight) in STORAGES.into_iter().filter(|(name, _)| storages.contains(name)) {
            match config(model).map(|config| measure(&config, weight)) {
                Some(Ok(row)) => println!("| {model} | {name} | {row} |"),
                Some(Err(error)) => {
                    eprintln!("error: {model} {name}: {error}");
                    return ExitCode::FAILURE;
                }
                None => {}
            }
        }
    }
    ExitCode::SUCCESS
}

/// Those of `names` that the arguments name, or all when they name none.
fn chosen<'a>(names: &[&'a str], arguments: &[String]) -> Vec<&'a str> {
    let is_named = |name: &&str| arguments.iter().any(|argument| argument == name);
    let named: Vec<&str> = names.iter().copied().filter(is_named).collect();
    if named.is_empty() { names.to_vec() } else { named }
}

/// One row of the table: medians over the rounds.
fn measure(config: &Config, weight: WeightType) -> Result<String, Box<dyn std::error::Error>> {
    let mut cpu = Cpu::fast();
    let decoder = Decoder::random(config, 256, Precision::uniform(weight), 20_240_607, &mut cpu)?;
    // What a token reads: every weight but the rotary table; the tied embedding is the head.
    let bytes = cpu.memory().weights_bytes - 256 * config.head_size * 4;
    let limits = Limits { slots: 1, context: 256, chunk: PROMPT, cache: DType::F32 };
    let mut generator = Generator::new(decoder, limits, &mut cpu)?;
    let mut rounds = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..ROUNDS {
        streams.push(stream::gigabytes_per_second(bytes));
        rounds.push(round(&mut generator, &mut cpu, config.vocabulary)?);
    }
    let median = |of: &dyn Fn(&Timeline) -> Option<f64>| middle(rounds.iter().filter_map(of).collect());
    let decode = median(&|timeline| timeline.tokens_per_second);
    let read = decode * bytes as f64 * 1e-9;
    let stream = middle(streams);
    Ok(format!(
        "{:.1} | {decode:.1} | {:.3} | {:.0} | {read:.1} | {stream:.1} | {:.0} %",
        bytes as f64 * 1e-6,
        median(&|timeline| timeline.token_p50_ms),
        median(&|timeline| timeline.prefill_tokens_per_second),
        100.0 * read / stream,
    ))
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn round(generator: &mut Generator, cpu: &mut Cpu, vocabulary: usize) -> Result<Timeline, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let mut now_ms = || start.elapsed().as_secs_f64() * 1000.0;
    let limit = u32::try_from(vocabulary)?;
    let prompt = (0..u32::try_from(PROMPT)?).map(|i| (i * 7919 + 13) % limit).collect();
    let sampling = Sampling::GREEDY;
    let request = SequenceRequest { prompt, max_tokens: TOKENS, end: vec![], sampling, logprobs: None };
    generator.start(request, now_ms())?;
    let mut events = Vec::new();
    loop {
        let mut context = Context::from_waker(Waker::noop());
        // A CPU is always ready.
        if let Poll::Ready(result) = generator.poll(cpu, &mut context, &mut now_ms, &mut events) {
            result?;
        }
        if let Some(SequenceEvent::Token { finish: Some((_, timeline)), .. }) = events.last() {
            return Ok(*timeline);
        }
    }
}
