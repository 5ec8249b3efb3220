//! Programs that a model writes, and what they are worth: the model answers, the runner measures, and only numbers pass between
//! them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

use frugal_flow::run::{plan, report};
use frugal_flow::training::cost::{Worth, trial};
use frugal_fuel::{CostTable, Guest, Language, Limits, Meter, Runner};
use frugal_guests::sha256_hex;
use frugal_host::HostRunner;
use frugal_report::{GuestProvenance, Provenance, RunReport};
use frugal_session::training::Random;
use frugal_session::training::corpus::python::Task;
use frugal_session::{Event, Prompt, Request, RequestId, Sampling, Session};

use crate::backend::BackendChoice;
use crate::checkpoint::{Held, Model, Weights};
use crate::failure::{Failure, say};
use crate::parallel::parallel;
use crate::{guests, runner};

/// Answers that are written at a time.
const SLOTS: usize = 16;
/// Tokens of an answer, at most: the longest solution of a task has fewer.
const ANSWER_TOKENS: usize = 160;
/// Fuel of a program over that of the task's dearest solution, at most.
const FUEL_FACTOR: u64 = 20;

/// What a model is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    /// Answers to each task.
    pub(crate) samples: usize,
    /// 0 always takes the likeliest token.
    pub(crate) temperature: f64,
    /// Of the answers and of the calls' arguments.
    pub(crate) seed: u64,
    /// Size of the calls' arguments.
    pub(crate) size: usize,
    /// Calls of each task.
    pub(crate) calls: usize,
    /// Runs at a time.
    pub(crate) jobs: usize,
}

/// A task with what was written for it.
pub(crate) struct Written {
    pub(crate) task: Task,
    /// Answers, each with its worth.
    pub(crate) answers: Vec<(String, Worth)>,
    /// Fuel of the task's own solutions, from the dearest.
    pub(crate) solutions: [u64; 3],
}

/// Runs programs and says what they are worth.
pub(crate) struct Judge {
    runner: HostRunner,
    guest: Guest,
}

impl Judge {
    /// For so many runs at a time.
    pub(crate) fn open(jobs: usize) -> Result<Self, Failure> {
        let runner = runner::runner(Meter::Native, jobs)?;
        let guest = guests::install(&runner, &guests::folder(None)?, Language::Python)?;
        Ok(Self { runner, guest })
    }

    /// Lets a model write and measures what it wrote.
    pub(crate) fn written(
        &self,
        model: &Path,
        tasks: Vec<Task>,
        asking: Asking,
        stop: &AtomicBool,
    ) -> Result<Vec<Written>, Failure> {
        let held = Held {
            context: None,
            weights: Weights::F32,
            backend: BackendChoice::Cpu,
            slots: SLOTS,
            queue_max: tasks.len() * asking.samples,
        };
        let mut session = Model::find(model)?.open(held, stop)?;
        let answers = answers(&mut session, &tasks, asking, stop)?;
        drop(session);
        let work: Vec<(Task, Vec<String>)> = tasks.into_iter().zip(answers).collect();
        let judged = parallel(&work, asking.jobs, |(task, answers)| {
            if stop.load(Ordering::Relaxed) {
                return Err(Failure::interrupted());
            }
            judge(&self.runner, task, answers, asking)
        });
        judged.into_iter().collect()
    }

    /// What counts, for programs that `program_sha256` stands for.
    pub(crate) fn provenance(&self, program_sha256: String) -> Provenance {
        let identity = self.runner.identity();
        let guest = &self.guest;
        let key = [identity.engine.as_str(), identity.cost_table, guest.sha256.as_str(), &program_sha256].join(" ");
        Provenance {
            frugal_version: frugal_flow::FRUGAL_VERSION.to_owned(),
            engine: identity.engine.clone(),
            meter: identity.meter.name().to_owned(),
            cost_table: identity.cost_table.to_owned(),
            guest: Some(GuestProvenance {
                language: guest.language.name().to_owned(),
                version: guest.version.clone(),
                sha256: guest.sha256.clone(),
            }),
            program_sha256,
            key: sha256_hex(key.as_bytes()),
        }
    }
}

fn answers(
    session: &mut Session,
    tasks: &[Task],
    asking: Asking,
    stop: &AtomicBool,
) -> Result<Vec<Vec<String>>, Failure> {
    let mut places: HashMap<RequestId, (usize, usize)> = HashMap::new();
    let mut texts = vec![vec![String::new(); asking.samples]; tasks.len()];
    let mut random = Random::new(asking.seed);
    for (task, at) in tasks.iter().zip(0..) {
        for sample in 0..asking.samples {
            let sampling = Sampling { temperature: asking.temperature, seed: random.bits(), ..Sampling::GREEDY };
            let prompt = Prompt::Text { text: task.prompt(), special: true };
            let request = Request { prompt, max_tokens: ANSWER_TOKENS, sampling, stop: Vec::new(), logprobs: None };
            places.insert(session.submit(request, 0.0).map_err(Failure::usage)?, (at, sample));
        }
    }
    let mut events = Vec::new();
    while !places.is_empty() {
        if stop.load(Ordering::Relaxed) {
            return Err(Failure::interrupted());
        }
        if session.poll(&mut Context::from_waker(Waker::noop()), &mut || 0.0, &mut events).is_pending() {
            std::thread::yield_now();
        }
        for (id, event) in events.drain(..) {
            let Some(&(task, sample)) = places.get(&id) else { continue };
            match event {
                Event::Prefill { .. } => {}
                Event::Token { text, .. } => texts[task][sample].push_str(&text),
                Event::Finished { text, .. } => {
                    texts[task][sample].push_str(&text);
                    places.remove(&id);
                }
                Event::Failed(error) => return Err(Failure::infrastructure(error)),
            }
        }
    }
    Ok(texts)
}

fn judge(runner: &HostRunner, task: &Task, answers: &[String], asking: Asking) -> Result<Written, Failure> {
    // The same calls for every model: the task's name, not its place, decides them.
    let seed = task.name.bytes().fold(asking.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let calls = task.calls(asking.size, asking.calls, &mut Random::new(seed));
    let measure = |program: &str, fuel: Option<u64>| measure(runner, program, task, &calls, fuel);
    let reports = task.solutions.iter().map(|solution| measure(&task.program(solution), None));
    let reports: Vec<RunReport> = reports.collect::<Result<_, _>>()?;
    let [dear, .., cheap] = reports.as_slice() else { return Err(Failure::infrastructure("a task without solutions")) };
    let Some(expected) = dear.value.clone().filter(|value| reports.iter().all(|r| r.value.as_ref() == Some(value)))
    else {
        let message = format!("{}: its own solutions disagree, or do not finish", task.name);
        return Err(Failure::infrastructure(message));
    };
    let limit = dear.net_fuel.0.max(cheap.net_fuel.0).saturating_mul(FUEL_FACTOR);
    let mut known: HashMap<&str, Worth> = HashMap::new();
    for answer in answers {
        if !known.contains_key(answer.as_str()) {
            let report = measure(&format!("{}{answer}", task.prompt()), Some(limit))?;
            known.insert(answer, Worth::of(&report, &expected));
        }
    }
    let worth = |answer: &String| (answer.clone(), known.get(answer.as_str()).copied().unwrap_or(Worth::Stopped));
    let solutions = [0, 1, 2].map(|at| reports.get(at).map_or(0, |report| report.net_fuel.0));
    Ok(Written { task: task.clone(), answers: answers.iter().map(worth).collect(), solutions })
}

fn measure(
    runner: &HostRunner,
    program: &str,
    task: &Task,
    calls: &[String],
    fuel: Option<u64>,
) -> Result<RunReport, Failure> {
    let mut limits = Limits::default();
    if let Some(fuel) = fuel {
        limits.fuel = fuel;
    }
    let request = trial(program, &task.name, calls, limits);
    let planned = plan(&request, &runner.guests(), CostTable::FUEL_1.name).map_err(Failure::infrastructure)?;
    let measurement = runner.run(&planned.job, &planned.limits).map_err(Failure::infrastructure)?;
    Ok(report(&planned, &runner.identity(), &measurement, None))
}

/// How often each outcome came, for people.
pub(crate) fn tell(all: &[Written]) {
    let answers = all.iter().map(|one| one.answers.len()).sum::<usize>();
    let right = all.iter().flat_map(|one| &one.answers).filter(|(_, worth)| worth.fuel().is_some()).count();
    say(format_args!("{answers} programs for {} tasks were measured, {right} are right", all.len()));
}
