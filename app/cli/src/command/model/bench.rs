//! `frugal model bench`.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::Args;
use frugal_session::{MemoryUse, Prompt, Request, Sampling, Timeline};
use serde_json::{Value, json};

use crate::answer::{Interrupt, answer};
use crate::backend::{BackendChoice, has_gpu};
use crate::checkpoint::{Held, Model, Weights};
use crate::failure::{Failure, print, say};
use crate::store::StoreArgs;

/// Arguments of `frugal model bench`.
#[derive(Args)]
pub(super) struct BenchArgs {
    /// Name of an added model, folder with config.json and *.safetensors, or a .gguf file
    #[arg(value_name = "NAME|DIR")]
    model: PathBuf,
    /// What computes; may be repeated [default: the processor, and a GPU that is no software]
    #[arg(long = "backend", value_enum)]
    backends: Vec<BackendChoice>,
    /// How weights are held in memory
    #[arg(long, value_enum, default_value = "f32")]
    weights: Weights,
    /// Tokens that are read
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    prompt_tokens: u32,
    /// Tokens that are written at most; a model may end before
    #[arg(long, value_name = "N", default_value_t = 48, value_parser = clap::value_parser!(u32).range(2..))]
    tokens: u32,
    /// Runs after one that is not counted; the one of median speed is shown
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// What one backend did.
struct Measured {
    backend: String,
    timeline: Timeline,
    memory: MemoryUse,
}

/// Measures a model on each backend, one after the other.
pub(super) fn bench(args: &BenchArgs) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let place = args.store.resolve(&args.model)?;
    let mut backends = args.backends.clone();
    if backends.is_empty() {
        backends.push(BackendChoice::Cpu);
        if has_gpu() {
            backends.push(BackendChoice::Gpu);
        }
    }
    let mut all = Vec::new();
    for backend in backends {
        all.push(measure(args, Model::find(&place)?, backend, &interrupt.stop)?);
    }
    if args.json {
        let all: Vec<Value> = all.iter().map(Measured::json).collect();
        return print(&format!("{}\n", json!({ "model": place.display().to_string(), "backends": all })));
    }
    print(
        "| backend | prefill tokens/s | decode tokens/s | ms a token p50 | p90 | p99 | weights | cache | scratch bytes |\n",
    )?;
    print("|---|---|---|---|---|---|---|---|---|\n")?;
    all.iter().try_for_each(|measured| print(&measured.row()))
}

fn measure(args: &BenchArgs, model: Model, backend: BackendChoice, stop: &AtomicBool) -> Result<Measured, Failure> {
    let (prompt, tokens) = (args.prompt_tokens as usize, args.tokens as usize);
    if prompt + tokens > model.config.context {
        let message =
            format!("{prompt} tokens read and {tokens} written, the model has {} positions", model.config.context);
        return Err(Failure::usage(message).hint("choose less for --prompt-tokens or --tokens"));
    }
    let vocabulary = u32::try_from(model.config.vocabulary).unwrap_or(u32::MAX);
    let context = Some(prompt + tokens);
    let held = Held { context, weights: args.weights, backend, slots: 1, queue_max: 1 };
    let mut session = model.open(held, stop)?;
    // Spread over the vocabulary, the same in every run.
    let prompt: Vec<u32> =
        (0..args.prompt_tokens).map(|at| at.wrapping_mul(7919).wrapping_add(13) % vocabulary).collect();
    let mut timelines = Vec::new();
    for run in 0..=args.runs {
        let request = Request {
            prompt: Prompt::Tokens(prompt.clone()),
            max_tokens: tokens,
            sampling: Sampling::GREEDY,
            stop: Vec::new(),
            logprobs: None,
        };
        let answer = answer(&mut session, request, stop, &mut |_| Ok(()))?;
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Failure::interrupted());
        }
        if run > 0 {
            timelines.extend(answer.timeline);
        }
    }
    timelines.sort_by(|a, b| speed(a).total_cmp(&speed(b)));
    let nothing = || Failure::infrastructure("no token was computed");
    let timeline = *timelines.get(timelines.len() / 2).ok_or_else(nothing)?;
    if timeline.tokens < tokens {
        say(format_args!("{}: the model ended its text after {} tokens", session.backend(), timeline.tokens));
    }
    Ok(Measured { backend: session.backend(), timeline, memory: session.memory() })
}

fn speed(timeline: &Timeline) -> f64 {
    timeline.tokens_per_second.unwrap_or(0.0)
}

impl Measured {
    fn row(&self) -> String {
        let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
        let Self { backend, timeline, memory } = self;
        format!(
            "| {backend} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            shown(timeline.prefill_tokens_per_second),
            shown(timeline.tokens_per_second),
            shown(timeline.token_p50_ms),
            shown(timeline.token_p90_ms),
            shown(timeline.token_p99_ms),
            memory.weights_bytes,
            memory.cache_bytes,
            memory.scratch_bytes,
        )
    }

    fn json(&self) -> Value {
        let Self { backend, timeline, memory } = self;
        json!({
            "backend": backend,
            "load_ms": timeline.load_ms,
            "prompt_tokens": timeline.prompt_tokens,
            "tokens": timeline.tokens,
            "prefill_tokens_per_second": timeline.prefill_tokens_per_second,
            "tokens_per_second": timeline.tokens_per_second,
            "first_token_ms": timeline.first_token_ms,
            "token_p50_ms": timeline.token_p50_ms,
            "token_p90_ms": timeline.token_p90_ms,
            "token_p99_ms": timeline.token_p99_ms,
            "memory": {
                "weights_bytes": memory.weights_bytes,
                "cache_bytes": memory.cache_bytes,
                "scratch_bytes": memory.scratch_bytes,
            },
        })
    }
}
