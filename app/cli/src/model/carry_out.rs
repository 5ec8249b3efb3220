//! One recipe from its first question to its end.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use frugal_chat::{ChatError, Client, Failed, Finish, Message, Request, Role, Stop};
use frugal_flow::recipe::{Answer, Question, Speaker, Step, Tokens};
use frugal_fuel::{Measurement, RunError};
use frugal_host::{CancelToken, HostRunner};
use frugal_report::ProblemStatus;

use super::Answers;
use crate::failure::Failure;

/// Bytes that stand for a token where an endpoint does not count.
const TOKEN_BYTES: u64 = 4;

/// Something that asks and runs until it comes to an end.
pub(crate) trait Recipe {
    /// What comes out.
    type End;

    /// Steps to take, or the end.
    fn proceed(&mut self) -> Result<Self::End, Vec<Step>>;
    /// Takes an answer.
    fn answered(&mut self, key: &str, answer: Answer);
    /// Takes a measurement.
    fn ran(&mut self, key: &str, result: Result<Measurement, RunError>);
    /// From now on nothing new is asked.
    fn time_is_up(&mut self);
    /// What came out so far, where there is no end.
    fn unfinished(&self, status: ProblemStatus, message: Option<String>) -> Self::End;
}

/// Why a recipe did not come to its end.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Ctrl-C.
    Interrupted,
    /// The endpoint.
    Endpoint(Failed),
    /// The record cannot be written.
    Record(Failure),
}

/// Who asks and runs.
pub(crate) struct Asker<'a> {
    pub(crate) client: &'a Client,
    pub(crate) runner: &'a HostRunner,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) stop: Stop,
    pub(crate) temperature: Option<f64>,
    pub(crate) reply_tokens_max: Option<u32>,
    pub(crate) parallel: usize,
    /// Called before each step with its name.
    pub(crate) progress: &'a (dyn Fn(&str) + Sync),
}

enum Taken {
    Answered(Question, Result<Answer, Failed>),
    Ran(String, Result<Measurement, RunError>),
}

/// Takes a recipe to its end; answers go to the record as they come.
pub(crate) fn carry_out<R: Recipe>(
    recipe: &mut R,
    task: &str,
    asker: &Asker<'_>,
    record: &mut Option<Answers>,
) -> Result<R::End, Trouble> {
    loop {
        let steps = match recipe.proceed() {
            Ok(end) => return Ok(end),
            Err(steps) => steps,
        };
        let record = Mutex::new(record.as_mut());
        let keep = |question: &Question, answer: &Answer| {
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            record.as_mut().map_or(Ok(()), |record| record.append(task, &question.key, &question.name, answer))
        };
        let mut trouble = None;
        for taken in asker.take(steps, &keep).map_err(|error| {
            let kept = "mend that, then the same command with --resume goes on after what is recorded";
            Trouble::Record(Failure::infrastructure(format!("the record of answers: {error}")).hint(kept))
        })? {
            match taken {
                Taken::Ran(key, result) => recipe.ran(&key, result),
                Taken::Answered(question, Ok(answer)) => recipe.answered(&question.key, answer),
                Taken::Answered(_, Err(failed)) => match failed.error {
                    ChatError::Stopped => trouble = trouble.or(Some(Trouble::Interrupted)),
                    ChatError::OutOfTime => recipe.time_is_up(),
                    _ => trouble = Some(Trouble::Endpoint(failed)),
                },
            }
        }
        if asker.cancel.is_cancelled() {
            return Err(Trouble::Interrupted);
        }
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
    }
}

impl Asker<'_> {
    /// Takes steps, several at once. After the endpoint failed no more questions are begun.
    fn take(
        &self,
        steps: Vec<Step>,
        keep: &(dyn Fn(&Question, &Answer) -> std::io::Result<()> + Sync),
    ) -> std::io::Result<Vec<Taken>> {
        let threads = self.parallel.min(steps.len());
        let queue = Mutex::new(VecDeque::from(steps));
        let taken = Mutex::new(Vec::new());
        let failed = AtomicBool::new(false);
        let broken = Mutex::new(None);
        let work = || {
            while !failed.load(Ordering::Relaxed) && !self.cancel.is_cancelled() {
                let Some(step) = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { return };
                let done = self.step(step);
                if let Taken::Answered(question, answer) = &done {
                    match answer {
                        Ok(answer) => {
                            if let Err(error) = keep(question, answer) {
                                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                                failed.store(true, Ordering::Relaxed);
                            }
                        }
                        Err(_) => failed.store(true, Ordering::Relaxed),
                    }
                }
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(done);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
        match broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(taken.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    fn step(&self, step: Step) -> Taken {
        match step {
            Step::Ask(question) => {
                (self.progress)(&question.name);
                let answer = self.ask(&question);
                Taken::Answered(question, answer)
            }
            Step::Run(execution) => {
                let result = self.runner.run_cancellable(&execution.job, &execution.limits, self.cancel);
                Taken::Ran(execution.key, result)
            }
        }
    }

    /// An answer, or that there is none to this question. What an endpoint's state explains is a failure.
    fn ask(&self, question: &Question) -> Result<Answer, Failed> {
        let messages = question.turns.iter().map(|turn| Message {
            role: if turn.speaker == Speaker::System { Role::System } else { Role::User },
            content: turn.text.clone(),
        });
        let request = Request {
            messages: messages.collect(),
            temperature: self.temperature,
            reply_tokens_max: self.reply_tokens_max,
            seed: None,
        };
        let reply = match self.client.ask(&request, &self.stop) {
            Ok(reply) => reply,
            Err(Failed { error, attempts }) if error.is_about_the_request() => {
                return Ok(Answer::Nothing { message: error.to_string(), requests: attempts });
            }
            Err(failed) => return Err(failed),
        };
        let sent: usize = question.turns.iter().map(|turn| turn.text.len()).sum();
        let estimate = |bytes: usize| (bytes as u64).div_ceil(TOKEN_BYTES);
        let tokens = reply.usage.map_or_else(
            || Tokens { prompt: estimate(sent), completion: estimate(reply.text.len()), is_estimate: true },
            |usage| Tokens { prompt: usage.prompt_tokens, completion: usage.completion_tokens, is_estimate: false },
        );
        Ok(Answer::Said {
            is_cut: reply.finish == Finish::Length,
            text: reply.text,
            tokens,
            requests: reply.attempts,
            wall_ms: reply.wall_ms,
        })
    }
}
