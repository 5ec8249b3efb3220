//! What a recipe knows, what it must know next, and the trace of what it was told.

use std::collections::BTreeMap;

use frugal_fuel::{GuestJob, Job, Limits, Measurement, RunError, RunnerIdentity};
use frugal_guests::{ContentKey, job_key};
use frugal_report::{TokensReport, TraceStep, Verdict};
use serde::{Deserialize, Serialize};

use crate::enamel::{Ending, ending};

/// Who speaks in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Rules for the whole conversation.
    System,
    /// The recipe.
    User,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
}

/// Something to ask the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Names it: 64 hexadecimal digits over everything that is asked.
    pub key: String,
    /// For people, such as `implement 3`.
    pub name: String,
    /// What is asked.
    pub turns: Vec<Turn>,
}

/// Something to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Names it: equal jobs under equal limits have equal keys.
    pub key: String,
    /// What to run.
    pub job: Job,
    /// Within these limits.
    pub limits: Limits,
}

/// What a recipe needs before it can go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An answer.
    Ask(Question),
    /// A measurement.
    Run(Box<Execution>),
}

/// Tokens of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Of the conversation sent.
    pub prompt: u64,
    /// Of the answer.
    pub completion: u64,
    /// True when the endpoint did not count and lengths stand in.
    pub is_estimate: bool,
}

/// What came of a question. Text is hostile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// An answer.
    Said {
        /// What the model said.
        text: String,
        /// True when it ended because it came to the most tokens allowed.
        is_cut: bool,
        /// What it took.
        tokens: Tokens,
        /// Requests made.
        requests: u32,
        /// Wall-clock time, in milliseconds.
        wall_ms: u64,
    },
    /// The endpoint works, but gives no answer to this question, such as one above the size allowed.
    Nothing {
        /// Why, in one sentence.
        message: String,
        /// Requests made.
        requests: u32,
    },
}

/// Why a recipe does not come to its end now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Steps are pending.
    Pending,
    /// The machinery failed.
    Failed(String),
}

/// What a run came to, as far as recipes care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ran {
    /// It returned.
    Returned {
        /// The guest's reply.
        reply: Vec<u8>,
        /// In units.
        net_fuel: u64,
    },
    /// It did not; the verdict is never one that stands in no metric.
    Stopped {
        /// How it ended.
        verdict: Verdict,
        /// In one sentence. Hostile text.
        message: String,
    },
}

/// Where a recipe gets what it needs. One walk begins with [`Desk::begin`].
#[derive(Debug)]
pub(crate) struct Desk {
    cost_table: &'static str,
    tokens_max: Option<u64>,
    is_time_up: bool,
    answers: BTreeMap<String, Answer>,
    runs: BTreeMap<String, Result<Ran, String>>,
    pending: Vec<Step>,
    trace: Vec<TraceStep>,
    is_short_of_budget: bool,
}

impl Desk {
    pub(crate) fn new(identity: &RunnerIdentity, tokens_max: Option<u64>) -> Self {
        Self {
            cost_table: identity.cost_table,
            tokens_max,
            is_time_up: false,
            answers: BTreeMap::new(),
            runs: BTreeMap::new(),
            pending: Vec::new(),
            trace: Vec::new(),
            is_short_of_budget: false,
        }
    }

    /// Forgets pending steps and the trace, which the walk makes anew.
    pub(crate) fn begin(&mut self) {
        self.pending.clear();
        self.trace.clear();
        self.is_short_of_budget = false;
    }

    /// Steps that the walk could not do without.
    pub(crate) fn take_pending(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.pending)
    }

    pub(crate) fn trace(&self) -> &[TraceStep] {
        &self.trace
    }

    /// True when a question of this walk was not asked for want of tokens or time.
    pub(crate) fn is_short_of_budget(&self) -> bool {
        self.is_short_of_budget
    }

    pub(crate) fn answered(&mut self, key: &str, answer: Answer) {
        self.answers.insert(key.to_owned(), answer);
    }

    pub(crate) fn ran(&mut self, key: &str, result: Result<Measurement, RunError>) {
        let known = match result {
            Err(RunError::Cancelled) => return,
            Err(error) => Err(error.to_string()),
            Ok(measurement) => {
                let net_fuel = measurement.fuel.net();
                match ending(measurement) {
                    Ending::Returned(reply) => Ok(Ran::Returned { reply, net_fuel }),
                    Ending::Stopped { verdict, message } if verdict.is_scored() => {
                        Ok(Ran::Stopped { verdict, message })
                    }
                    Ending::Stopped { message, .. } => Err(message),
                }
            }
        };
        self.runs.insert(key.to_owned(), known);
    }

    /// From now on nothing new is asked.
    pub(crate) fn time_is_up(&mut self) {
        self.is_time_up = true;
    }

    fn tokens_spent(&self) -> u64 {
        let spent = |answer: &Answer| match answer {
            Answer::Said { tokens, .. } => tokens.prompt.saturating_add(tokens.completion),
            Answer::Nothing { .. } => 0,
        };
        self.answers.values().map(spent).fold(0, u64::saturating_add)
    }

    /// True where the questions that are pending already may use up what is left of the tokens, going by the answers so far.
    fn must_wait(&self) -> bool {
        let pending = self.pending.iter().filter(|step| matches!(step, Step::Ask(_))).count() as u64;
        let (Some(most), 1..) = (self.tokens_max, pending) else { return false };
        let answered = self.answers.len() as u64;
        let spent = self.tokens_spent();
        answered == 0 || spent.saturating_add(spent.div_ceil(answered).saturating_mul(pending)) >= most
    }

    /// What the model says to this; `None` where it gives no answer or the budget is spent, as the trace then tells.
    pub(crate) fn ask(
        &mut self,
        stage: &'static str,
        name: &str,
        turns: Vec<Turn>,
    ) -> Result<Option<(String, bool)>, Halt> {
        let key = turns.iter().fold(ContentKey::new("frugal-question-1").part(name.as_bytes()), |key, turn| {
            key.number(u64::from(turn.speaker == Speaker::System)).part(turn.text.as_bytes())
        });
        let key = key.finish();
        let prompt = turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n\n");
        let mut step = TraceStep {
            stage: stage.to_owned(),
            name: name.to_owned(),
            prompt,
            reply: None,
            verdict: String::new(),
            tokens: TokensReport::default(),
            wall_ms: 0,
        };
        let said = match self.answers.get(&key) {
            None => {
                let short = if self.is_time_up {
                    Some("not asked: the time budget is spent")
                } else if self.tokens_max.is_some_and(|most| self.tokens_spent() >= most) {
                    Some("not asked: the token budget is spent")
                } else {
                    None
                };
                if short.is_none() && self.must_wait() {
                    return Err(Halt::Pending);
                }
                let Some(why) = short else {
                    self.pending.push(Step::Ask(Question { key, name: name.to_owned(), turns }));
                    return Err(Halt::Pending);
                };
                self.is_short_of_budget = true;
                step.verdict = why.to_owned();
                None
            }
            Some(Answer::Nothing { message, requests }) => {
                step.verdict = format!("no answer: {message}");
                step.tokens.requests = (*requests).into();
                None
            }
            Some(Answer::Said { text, is_cut, tokens, requests, wall_ms }) => {
                step.reply = Some(text.clone());
                step.wall_ms = *wall_ms;
                step.tokens = TokensReport {
                    requests: (*requests).into(),
                    prompt_tokens: tokens.prompt,
                    completion_tokens: tokens.completion,
                    is_estimate: tokens.is_estimate,
                };
                Some((text.clone(), *is_cut))
            }
        };
        self.trace.push(step);
        Ok(said)
    }

    /// Writes down what was made of the last answer of that name.
    pub(crate) fn note(&mut self, name: &str, verdict: impl Into<String>) {
        if let Some(step) = self.trace.iter_mut().rev().find(|step| step.name == name) {
            step.verdict = verdict.into();
        }
    }

    /// The same for the last try of something that was asked until it could be used.
    pub(crate) fn note_try(&mut self, name: &str, verdict: impl Into<String>) {
        let is_try = |step: &TraceStep| step.name == name || step.name.starts_with(&format!("{name}, try "));
        if let Some(step) = self.trace.iter_mut().rev().find(|step| is_try(step)) {
            step.verdict = verdict.into();
        }
    }

    /// Asks up to `tries` times, until `read` can use an answer; it says what is wrong with one that it cannot use, and
    /// the next question says so too. `None` once nothing more can come.
    pub(crate) fn ask_until<T>(
        &mut self,
        stage: &'static str,
        name: &str,
        tries: u32,
        turns: &[Turn],
        read: impl Fn(&str) -> Result<(T, String), String>,
    ) -> Result<Option<T>, Halt> {
        let mut complaint: Option<String> = None;
        for attempt in 1..=tries {
            let name = if attempt == 1 { name.to_owned() } else { format!("{name}, try {attempt}") };
            let mut turns = turns.to_vec();
            if let (Some(wrong), Some(last)) = (&complaint, turns.last_mut()) {
                let note = format!("\n\nAn earlier answer could not be used (try {attempt} of {tries}): {wrong}.");
                last.text.push_str(&note);
            }
            let Some((text, is_cut)) = self.ask(stage, &name, turns)? else { return Ok(None) };
            match read(&text) {
                Ok((value, verdict)) => {
                    self.note(&name, verdict);
                    return Ok(Some(value));
                }
                Err(wrong) => {
                    let cut = if is_cut { "; it was cut at the most tokens allowed, be shorter" } else { "" };
                    self.note(&name, format!("unusable: {wrong}{cut}"));
                    complaint = Some(format!("{wrong}{cut}"));
                }
            }
        }
        Ok(None)
    }

    /// What a run comes to.
    pub(crate) fn run(&mut self, job: GuestJob, limits: Limits) -> Result<Ran, Halt> {
        let job = Job::Guest(job);
        let key = job_key(&job, &limits, self.cost_table);
        match self.runs.get(&key) {
            Some(Ok(ran)) => Ok(ran.clone()),
            Some(Err(message)) => Err(Halt::Failed(message.clone())),
            None => {
                let is_new = |step: &Step| !matches!(step, Step::Run(pending) if pending.key == key);
                if self.pending.iter().all(is_new) {
                    self.pending.push(Step::Run(Box::new(Execution { key, job, limits })));
                }
                Err(Halt::Pending)
            }
        }
    }

    /// The reply of a run that has no excuse.
    pub(crate) fn run_trusted(&mut self, what: &str, job: GuestJob, limits: Limits) -> Result<(Vec<u8>, u64), Halt> {
        match self.run(job, limits)? {
            Ran::Returned { reply, net_fuel } => Ok((reply, net_fuel)),
            Ran::Stopped { message, .. } => Err(Halt::Failed(format!("{what}: {message}"))),
        }
    }
}

/// Walks several ways that do not depend on each other, so that all their steps are pending at once.
pub(crate) fn each<I, T>(
    items: impl IntoIterator<Item = I>,
    mut way: impl FnMut(I) -> Result<T, Halt>,
) -> Result<Vec<T>, Halt> {
    let (mut done, mut is_pending) = (Vec::new(), false);
    for item in items {
        match way(item) {
            Ok(value) => done.push(value),
            Err(Halt::Pending) => is_pending = true,
            Err(failed) => return Err(failed),
        }
    }
    if is_pending { Err(Halt::Pending) } else { Ok(done) }
}
