//! `contender FOLDER STORAGE PROMPT_TOKENS TOKENS`: a model of the race on one native thread; a line in, a round's JSON
//! out, and `streaming` in, the rate of a plain reading loop out.
#![allow(clippy::print_stdout)] // its output is its result

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use frugal_engine_bench::contender::Contender;
use frugal_engine_bench::stream;
use frugal_tensor::Cpu;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, storage, prompt, tokens] = arguments.as_slice() else {
        return Err("usage: contender FOLDER STORAGE PROMPT_TOKENS TOKENS".into());
    };
    let (prompt, tokens): (usize, usize) = (prompt.parse()?, tokens.parse()?);
    let read = |name: &str| std::fs::read(Path::new(folder).join(name));
    let (config, weights) = (read("config.json")?, read("model.safetensors")?);
    let mut contender = Contender::load(&config, &weights, storage, prompt, Box::new(Cpu::fast()))?;
    let start = Instant::now();
    let mut now_ms = || start.elapsed().as_secs_f64() * 1000.0;
    println!(r#"{{"name": "ours", "version": "{}"}}"#, contender.describe());
    for line in std::io::stdin().lines() {
        if line?.trim() == "streaming" {
            let bytes = contender.weights_bytes();
            println!(r#"{{"gb_per_s": {}, "bytes": {bytes}}}"#, stream::gigabytes_per_second(bytes, &mut now_ms));
        } else {
            println!("{}", contender.round_now(prompt, tokens, &mut now_ms)?.json());
        }
    }
    Ok(())
}
