//! `frugal chat`.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use clap::Args;
use frugal_report::printable;
use frugal_session::{FinishReason, Prompt};
use serde_json::json;

use crate::answer::{Interrupt, SamplingArgs, answer, summary};
use crate::checkpoint::ModelArgs;
use crate::failure::{Failure, print, say, say_raw};

/// Arguments of `frugal chat`.
#[derive(Args)]
pub(crate) struct ChatArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// What the model is told before the conversation
    #[arg(long, value_name = "S")]
    system: Option<String>,
    #[command(flatten)]
    sampling: SamplingArgs,
}

/// Answers each line of standard input in one conversation, until that ends. Ctrl-C ends an answer, and between answers
/// the command.
pub(crate) fn run(args: &ChatArgs) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::install()?;
    let mut session = args.model.open(&interrupt.stop)?;
    let mut messages: Vec<_> = args.system.iter().map(|system| json!({"role": "system", "content": system})).collect();
    let is_terminal = std::io::stdout().is_terminal();
    let mut show = |text: &str| if is_terminal { print(&printable(text)) } else { print(text) };
    let mut lines = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        if std::io::stdin().is_terminal() {
            say_raw("> ");
        }
        line.clear();
        interrupt.idle.store(true, Ordering::Relaxed);
        let count = lines.read_until(b'\n', &mut line).map_err(|error| Failure::usage(format!("stdin: {error}")))?;
        interrupt.idle.store(false, Ordering::Relaxed);
        if count == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        let text = std::str::from_utf8(&line).map_err(|_| Failure::usage("a line is not UTF-8 text"))?.trim_end();
        if text.is_empty() {
            continue;
        }
        messages.push(json!({"role": "user", "content": text}));
        let request = args.sampling.request(Prompt::Chat(messages.clone()));
        let answer = answer(&mut session, request, &interrupt.stop, &mut show)?;
        print("\n")?;
        say(summary(&answer));
        if answer.reason == FinishReason::Cancelled {
            // Only this answer; what it said so far stays.
            interrupt.stop.store(false, Ordering::Relaxed);
        }
        messages.push(json!({"role": "assistant", "content": answer.text}));
    }
}
