//! `frugal generate`.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use clap::Args;
use frugal_report::printable;
use frugal_session::{FinishReason, Prompt};
use serde_json::json;

use crate::answer::{Interrupt, SamplingArgs, answer, summary};
use crate::checkpoint::ModelArgs;
use crate::failure::{Failure, INTERRUPTED, print, say};

/// Arguments of `frugal generate`.
#[derive(Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Text to go on from, or - for standard input
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    prompt: String,
    #[command(flatten)]
    sampling: SamplingArgs,
    /// Print one JSON object when the text is complete, instead of the text as it comes
    #[arg(long)]
    json: bool,
}

/// Continues a text.
pub(crate) fn run(args: &GenerateArgs) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::install()?;
    let text = prompt(&args.prompt)?;
    let mut session = args.model.open(&interrupt.stop)?;
    let request = args.sampling.request(Prompt::Text { text, special: true });
    let is_terminal = std::io::stdout().is_terminal();
    let mut show = |text: &str| match (args.json, is_terminal) {
        (true, _) => Ok(()),
        (false, true) => print(&printable(text)),
        (false, false) => print(text),
    };
    let answer = answer(&mut session, request, &interrupt.stop, &mut show)?;
    if args.json {
        let timeline = answer.timeline.map(|timeline| {
            json!({
                "load_ms": timeline.load_ms,
                "queue_ms": timeline.queue_ms,
                "prefill_ms": timeline.prefill_ms,
                "first_token_ms": timeline.first_token_ms,
                "token_p50_ms": timeline.token_p50_ms,
                "token_p90_ms": timeline.token_p90_ms,
                "token_p99_ms": timeline.token_p99_ms,
                "tokens_per_second": timeline.tokens_per_second,
                "prefill_tokens_per_second": timeline.prefill_tokens_per_second,
                "prompt_tokens": timeline.prompt_tokens,
                "tokens": timeline.tokens,
                "energy_joules": timeline.energy_joules,
            })
        });
        let memory = session.memory();
        let whole = json!({
            "text": answer.text,
            "tokens": answer.tokens,
            "finish_reason": answer.reason.name(),
            "timeline": timeline,
            "backend": session.backend(),
            "memory": {
                "weights_bytes": memory.weights_bytes,
                "cache_bytes": memory.cache_bytes,
                "scratch_bytes": memory.scratch_bytes,
            },
        });
        print(&format!("{whole}\n"))?;
    } else {
        print("\n")?;
        say(summary(&answer));
    }
    Ok(match answer.reason {
        FinishReason::Cancelled => ExitCode::from(INTERRUPTED),
        _ => ExitCode::SUCCESS,
    })
}

fn prompt(argument: &str) -> Result<String, Failure> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::usage(format!("stdin: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::usage(format!("the prompt on standard input is not UTF-8 text, at byte {at}"))
    })
}
