//! One task from its questions to its generators.

use frugal_bench::suite::coffe::extract_functions;
use frugal_fuel::{Guest, Measurement, RunError, RunnerIdentity};
use frugal_guests::python::function_job;
use frugal_guests::{GuestReply, Tagged};
use frugal_report::{
    ProblemStatus, Provenance, SYNTHESIS_SCHEMA, SynthesisReport, SynthesisTask, SynthesisTotals, SynthesisedGenerator,
    Timing,
};

use super::{Options, prompts};
use crate::limits_report;
use crate::recipe::desk::{Desk, Halt, Ran, each};
use crate::recipe::reply::verdict;
use crate::recipe::{Answer, Step};

/// The function that a generator defines.
const GENERATOR: &str = "perf_input_gen";
/// At which every generator must make arguments.
const SMALLEST_SCALE: i64 = 2;

/// What inputs are generated for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Names it in reports.
    pub id: String,
    /// Name of the function.
    pub entry_point: String,
    /// A solution, which the model sees.
    pub solution: String,
    /// Source of `contract(*arguments)`, where there is one.
    pub contract: Option<String>,
}

/// One task's way.
#[derive(Debug)]
pub struct Sas {
    task: Task,
    options: Options,
    guest: Guest,
    desk: Desk,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// These questions and runs, in any order. Ask again for the next ones when all, or some, are known.
    Steps(Vec<Step>),
    /// The end.
    Done(Box<SynthesisTask>),
}

/// What an answer says.
enum Said {
    Constant,
    Generator(String),
    Unusable(String),
}

impl Sas {
    /// Plans the work. The options have been validated.
    pub fn new(task: Task, options: Options, guest: Guest, identity: &RunnerIdentity) -> Self {
        let desk = Desk::new(identity, options.tokens_max);
        Self { task, options, guest, desk }
    }

    /// Takes an answer, given now or recorded earlier; one that nothing asks for is left aside.
    pub fn answered(&mut self, key: &str, answer: Answer) {
        self.desk.answered(key, answer);
    }

    /// Takes what a run came to. A cancelled one is asked for again.
    pub fn ran(&mut self, key: &str, result: Result<Measurement, RunError>) {
        self.desk.ran(key, result);
    }

    /// From now on nothing new is asked: what is there is judged.
    pub fn time_is_up(&mut self) {
        self.desk.time_is_up();
    }

    /// The next steps, or the end.
    pub fn proceed(&mut self) -> Next {
        self.desk.begin();
        match self.walk() {
            Ok(task) => Next::Done(Box::new(task)),
            Err(Halt::Pending) => Next::Steps(self.desk.take_pending()),
            Err(Halt::Failed(message)) => {
                Next::Done(Box::new(self.unfinished(ProblemStatus::InfrastructureFailure, Some(message))))
            }
        }
    }

    /// The task as it stands, without an end: what was asked and answered so far.
    pub fn unfinished(&self, status: ProblemStatus, message: Option<String>) -> SynthesisTask {
        SynthesisTask {
            task_id: self.task.id.clone(),
            status,
            message,
            is_short_of_budget: self.desk.is_short_of_budget(),
            constant_answers: 0,
            generators: Vec::new(),
            trace: self.desk.trace().to_vec(),
        }
    }

    fn walk(&mut self) -> Result<SynthesisTask, Halt> {
        let turns = prompts::generator(&self.task);
        let desk = &mut self.desk;
        let answers = each(1..=self.options.samples, |number| {
            let name = format!("generator {number}");
            Ok(desk.ask("generators", &name, turns.clone())?.map(|(text, _)| (name, text)))
        })?;
        let (mut constant_answers, mut generators) = (0, Vec::<(String, SynthesisedGenerator)>::new());
        for (name, text) in answers.into_iter().flatten() {
            match said(&text) {
                Said::Constant => {
                    constant_answers += 1;
                    self.desk.note(&name, "constant cost: no generator");
                }
                Said::Unusable(why) => self.desk.note(&name, format!("unusable: {why}")),
                Said::Generator(source) if generators.iter().any(|(_, before)| before.source == source) => {
                    self.desk.note(&name, "a generator that is there already");
                }
                Said::Generator(source) => {
                    generators.push((name, SynthesisedGenerator { source, is_kept: false, reason: None }));
                }
            }
        }
        let (guest, limits) = (&self.guest, self.options.limits);
        let desk = &mut self.desk;
        let reasons = each(&generators, |(_, generator)| against(desk, guest, limits, &generator.source))?;
        for ((name, generator), reason) in generators.iter_mut().zip(reasons) {
            self.desk.note(name, reason.as_ref().map_or_else(|| "kept".to_owned(), |why| format!("dropped: {why}")));
            generator.is_kept = reason.is_none();
            generator.reason = reason;
        }
        let generators = generators.into_iter().map(|(_, generator)| generator).collect();
        let unfinished = self.unfinished(ProblemStatus::Evaluated, None);
        Ok(SynthesisTask { constant_answers, generators, ..unfinished })
    }
}

fn said(text: &str) -> Said {
    match verdict(text, &[("CONSTANT", true), ("GROWS", false)]) {
        Some(true) => Said::Constant,
        Some(false) => match extract_functions(text, GENERATOR) {
            Ok(mut programs) => Said::Generator(programs.swap_remove(0)),
            Err(error) => Said::Unusable(format!("{error}, `{GENERATOR}`")),
        },
        None => Said::Unusable("it needs one line `VERDICT: CONSTANT` or `VERDICT: GROWS`".to_owned()),
    }
}

/// What speaks against a generator; `None` where it makes a tuple of arguments at the smallest scale.
fn against(desk: &mut Desk, guest: &Guest, limits: frugal_fuel::Limits, source: &str) -> Result<Option<String>, Halt> {
    let job = match function_job(guest, source, GENERATOR, &[SMALLEST_SCALE.into()], &[]) {
        Ok(job) => job,
        Err(error) => return Ok(Some(error.to_string())),
    };
    Ok(match desk.run(job, limits)? {
        Ran::Stopped { message, .. } => Some(message),
        Ran::Returned { reply, .. } => match GuestReply::from_json(&reply) {
            Ok(GuestReply { value: Tagged::Tuple(_), .. }) => None,
            _ => Some("it returns no tuple of arguments".to_owned()),
        },
    })
}

/// The report of tasks; `endpoint` is its address and the model's name.
pub fn fold(
    options: &Options,
    tasks: Vec<SynthesisTask>,
    endpoint: (String, String),
    provenance: Provenance,
    timing: Timing,
) -> SynthesisReport {
    let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX); // so many do not fit into memory
    let mut totals = SynthesisTotals { tasks_total: count(tasks.len()), ..SynthesisTotals::default() };
    for task in &tasks {
        totals.tasks += u32::from(task.status == ProblemStatus::Evaluated);
        totals.infrastructure_failures += u32::from(task.status == ProblemStatus::InfrastructureFailure);
        totals.constant_answers += task.constant_answers;
        totals.generators += count(task.generators.len());
        totals.generators_kept += count(task.kept().count());
        totals.tokens = task.trace.iter().fold(totals.tokens, |sum, step| sum.plus(step.tokens));
    }
    SynthesisReport {
        schema: SYNTHESIS_SCHEMA.to_owned(),
        endpoint: endpoint.0,
        model: endpoint.1,
        samples: options.samples,
        temperature: options.temperature,
        tokens_max: options.tokens_max,
        limits: limits_report(&options.limits),
        totals,
        interrupted: tasks.iter().any(|task| task.status == ProblemStatus::Pending),
        tasks,
        provenance,
        timing,
    }
}
