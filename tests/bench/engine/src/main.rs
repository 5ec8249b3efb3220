//! `frugal-engine-bench [m1] [m15] [f32] [f16] [int8] [int4] [q8_0] [q4_0]`: decoders of random weights, a prompt of 64
//! tokens, greedy, one thread; tokens per second beside the bandwidth that a plain reading loop reaches over as many
//! bytes in the same run. Names choose models and storages; none is all.
#![allow(clippy::print_stdout)] // its output is its result

use std::process::ExitCode;
use std::time::Instant;

use frugal_engine_bench::contender::{CONTEXT, Contender, ContenderError, Round, STORAGES, median};
use frugal_engine_bench::stream;
use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, Precision, WeightType};
use frugal_tensor::{Backend, Cpu};

const PROMPT: usize = 64;
const TOKENS: usize = 129;
const ROUNDS: usize = 5;

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
        context: CONTEXT,
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
    println!("| model | weights | MB | decode tokens/s | prefill tokens/s | read GB/s | streaming GB/s | share |");
    println!("|---|---|---|---|---|---|---|---|");
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
fn measure(config: &Config, weight: WeightType) -> Result<String, ContenderError> {
    let mut cpu = Box::new(Cpu::fast());
    let decoder = Decoder::random(config, CONTEXT, Precision::uniform(weight), 20_240_607, cpu.as_mut())?;
    let mut contender = Contender::new(decoder, PROMPT, cpu)?;
    let bytes = contender.weights_bytes();
    let start = Instant::now();
    let mut now_ms = || start.elapsed().as_secs_f64() * 1000.0;
    let (mut rounds, mut streams) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        streams.push(stream::gigabytes_per_second(bytes, &mut now_ms));
        rounds.push(contender.round_now(PROMPT, TOKENS, &mut now_ms)?);
    }
    let middle = |of: &dyn Fn(&Round) -> f64| median(rounds.iter().map(of).collect());
    let decode = middle(&|round| round.tokens_per_second(PROMPT).1);
    let read = decode * bytes as f64 * 1e-9;
    let stream = median(streams);
    Ok(format!(
        "{:.1} | {decode:.1} | {:.0} | {read:.1} | {stream:.1} | {:.0} %",
        bytes as f64 * 1e-6,
        middle(&|round| round.tokens_per_second(PROMPT).0),
        100.0 * read / stream,
    ))
}
