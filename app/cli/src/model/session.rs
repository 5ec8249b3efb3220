//! Recipes for many problems, one after the other.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use frugal_chat::{ChatError, Client, Stop};
use frugal_host::{CancelToken, HostRunner};
use frugal_report::ProblemStatus;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Answers, Asker, ModelArgs, Recipe, Trouble, carry_out};
use crate::failure::{Failure, INTERRUPTED, say};

/// So many problems in a row that the endpoint fails end the command: it is down.
const FAILURES_IN_A_ROW_MAX: usize = 2;

/// Who asks and runs, until Ctrl-C.
pub(crate) struct Session<'a> {
    client: &'a Client,
    model: &'a ModelArgs,
    runner: &'a HostRunner,
    /// Of one problem's questions.
    seconds_max: Option<u64>,
    cancel: CancelToken,
    flag: Arc<AtomicBool>,
    bar: ProgressBar,
}

impl<'a> Session<'a> {
    /// Listens to Ctrl-C and shows progress over `problems`. One of them takes `seconds_max` to ask at most.
    pub(crate) fn begin(
        client: &'a Client,
        model: &'a ModelArgs,
        runner: &'a HostRunner,
        seconds_max: Option<u64>,
        problems: usize,
    ) -> Result<Self, Failure> {
        let (cancel, flag) = cancel_on_interrupt()?;
        Ok(Self { client, model, runner, seconds_max, cancel, flag, bar: progress_bar(problems) })
    }

    /// Takes each recipe to its end; those that are not reached stand as pending.
    pub(crate) fn all<R: Recipe>(
        &self,
        recipes: impl IntoIterator<Item = (String, R)>,
        record: &mut Option<Answers>,
    ) -> Result<Vec<R::End>, Failure> {
        let (mut ends, mut in_a_row, mut is_over) = (Vec::new(), 0, false);
        for (id, mut recipe) in recipes {
            if is_over {
                ends.push(recipe.unfinished(ProblemStatus::Pending, None));
                continue;
            }
            for (key, answer) in record.as_mut().map(|record| record.take(&id)).unwrap_or_default() {
                recipe.answered(&key, answer);
            }
            let end = match self.one(&mut recipe, &id, record) {
                Ok(end) => {
                    in_a_row = 0;
                    end
                }
                Err(Trouble::Record(failure)) => return Err(failure),
                Err(Trouble::Interrupted) => {
                    is_over = true;
                    let _ = recipe.proceed();
                    recipe.unfinished(ProblemStatus::Pending, None)
                }
                Err(Trouble::Endpoint(failed)) => {
                    in_a_row += 1;
                    // What an endpoint refuses once it refuses always: a wrong key, a wrong model.
                    is_over = in_a_row >= FAILURES_IN_A_ROW_MAX
                        || matches!(failed.error, ChatError::Refused { .. } | ChatError::Redirected { .. });
                    say(format_args!("{id}: {}", frugal_report::printable(&failed.to_string())));
                    let _ = recipe.proceed();
                    recipe.unfinished(ProblemStatus::InfrastructureFailure, Some(failed.to_string()))
                }
            };
            self.bar.inc(1);
            ends.push(end);
        }
        self.bar.finish_and_clear();
        Ok(ends)
    }

    fn one<R: Recipe>(&self, recipe: &mut R, id: &str, record: &mut Option<Answers>) -> Result<R::End, Trouble> {
        let deadline = self.seconds_max.and_then(|most| Instant::now().checked_add(Duration::from_secs(most)));
        let progress = |name: &str| self.bar.set_message(format!("{id}: {name}"));
        let asker = Asker {
            client: self.client,
            runner: self.runner,
            cancel: &self.cancel,
            stop: Stop::by(self.flag.clone()).at(deadline),
            temperature: self.model.temperature(),
            reply_tokens_max: self.model.reply_tokens_max(),
            parallel: self.model.parallel(),
            progress: &progress,
        };
        carry_out(recipe, id, &asker, record)
    }
}

/// The first Ctrl-C ends questions and runs and keeps the answers; a second one ends the process.
fn cancel_on_interrupt() -> Result<(CancelToken, Arc<AtomicBool>), Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    let pulled = flag.clone();
    let handler = move || {
        if pulled.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handler).map_err(|error| Failure::infrastructure(format!("Ctrl-C: {error}")))?;
    Ok((CancelToken::from(flag.clone()), flag))
}

fn progress_bar(problems: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:20} {pos}/{len} problems, {elapsed}, {wide_msg}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(problems as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
