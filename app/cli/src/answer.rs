//! One answer of a session, as its text comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::time::Instant;

use clap::Args;
use frugal_session::{Event, FinishReason, Prompt, Request, Sampling, Session, SessionError, Timeline};

use crate::failure::{Failure, INTERRUPTED};

/// How tokens are drawn.
#[derive(Args)]
pub(crate) struct SamplingArgs {
    /// Tokens after which to end
    #[arg(long, value_name = "N", default_value_t = 256)]
    max_tokens: usize,
    /// Divides logits; 0 always takes the likeliest token
    #[arg(long, value_name = "T", default_value_t = 0.0, allow_negative_numbers = true)]
    temperature: f64,
    /// Draw from this many of the likeliest tokens only
    #[arg(long, value_name = "K")]
    top_k: Option<usize>,
    /// Draw from the fewest tokens whose probabilities sum to this
    #[arg(long, value_name = "P", default_value_t = 1.0, allow_negative_numbers = true)]
    top_p: f64,
    /// Of the random numbers: the same seed gives the same text
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// End before this string; may be given several times
    #[arg(long, value_name = "S")]
    stop: Vec<String>,
}

impl SamplingArgs {
    /// A request for what follows a prompt.
    pub(crate) fn request(&self, prompt: Prompt) -> Request {
        let Self { max_tokens, temperature, top_k, top_p, seed, ref stop } = *self;
        let sampling = Sampling { temperature, top_k, top_p, seed, ..Sampling::GREEDY };
        Request { prompt, max_tokens, sampling, stop: stop.clone(), logprobs: None }
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) tokens: Vec<u32>,
    pub(crate) reason: FinishReason,
    pub(crate) timeline: Option<Timeline>,
}

/// What Ctrl-C does: it sets `stop`; while `idle` is set, or when it comes twice, it ends the command at once.
#[derive(Default)]
pub(crate) struct Interrupt {
    pub(crate) stop: AtomicBool,
    pub(crate) idle: AtomicBool,
}

impl Interrupt {
    /// From now on.
    pub(crate) fn install() -> Result<Arc<Self>, Failure> {
        let interrupt = Arc::new(Self::default());
        let own = Arc::clone(&interrupt);
        let handler = move || {
            if own.stop.swap(true, Ordering::Relaxed) || own.idle.load(Ordering::Relaxed) {
                std::process::exit(i32::from(INTERRUPTED));
            }
        };
        ctrlc::set_handler(handler).map_err(|error| Failure::infrastructure(format!("Ctrl-C: {error}")))?;
        Ok(interrupt)
    }
}

/// Runs a request to its end, which `stop` brings within one step. `show` is handed the text as it comes.
pub(crate) fn answer(
    session: &mut Session,
    request: Request,
    stop: &AtomicBool,
    show: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<Answer, Failure> {
    let begun = Instant::now();
    let mut now_ms = || begun.elapsed().as_secs_f64() * 1_000.0;
    let id = session.submit(request, now_ms()).map_err(refused)?;
    let mut answer =
        Answer { text: String::new(), tokens: Vec::new(), reason: FinishReason::Cancelled, timeline: None };
    let mut events = Vec::new();
    loop {
        if stop.load(Ordering::Relaxed) {
            events.extend(session.cancel(id).map(|event| (id, event)));
        } else {
            let mut context = Context::from_waker(Waker::noop());
            if session.poll(&mut context, &mut now_ms, &mut events).is_pending() {
                std::thread::yield_now();
            }
        }
        for (_, event) in events.drain(..) {
            let text = match event {
                Event::Prefill { .. } => continue,
                Event::Token { token, text, .. } => {
                    answer.tokens.push(token);
                    text
                }
                Event::Finished { reason, text, timeline } => {
                    show(&text)?;
                    answer.text.push_str(&text);
                    return Ok(Answer { reason, timeline, ..answer });
                }
                Event::Failed(error) => return Err(refused(error)),
            };
            show(&text)?;
            answer.text.push_str(&text);
        }
    }
}

fn refused(error: SessionError) -> Failure {
    match error {
        SessionError::Backend(error) => Failure::infrastructure(error),
        error => Failure::usage(error),
    }
}

/// What an answer took, in one line for people.
pub(crate) fn summary(answer: &Answer) -> String {
    let Some(timeline) = answer.timeline else { return "no token was computed".to_owned() };
    let ms = |value: Option<f64>| value.map_or_else(|| "not measured".to_owned(), |ms| format!("{ms:.1} ms"));
    let rate = timeline.tokens_per_second.map_or_else(String::new, |rate| format!(", {rate:.1} tokens/s"));
    format!(
        "{} tokens ({}){rate}; load {}, first token after {}",
        timeline.tokens,
        answer.reason.name(),
        ms(timeline.load_ms),
        ms(timeline.first_token_ms)
    )
}
