use std::collections::BTreeMap;

use frugal_bench::BenchError;
use frugal_bench::samples::Samples;
use frugal_bench::suite::enamel::{Problem, select};
use frugal_fuel::{Guest, Job, LimitError, Limits, Measurement, RunError, RunnerIdentity};
use frugal_guests::{ContentKey, sha256_hex};
use frugal_report::{
    Coverage, EVALUATION_SCHEMA, EvaluationOptions, EvaluationReport, FuelUnits, GuestProvenance, ProblemReport,
    ProblemStatus, Provenance, SampleReport, Timing, Verdict,
};
use frugal_score::ScoreError;

use super::problem_run::{Context, Failure, ProblemRun, Step};
use super::{EvaluationInput, Fact, Options, fold};
use crate::{FRUGAL_VERSION, Progress};

/// Something for the edge to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// To be handed back with the result.
    pub id: u64,
    /// What to run.
    pub job: Job,
    /// Within these limits.
    pub limits: Limits,
}

/// Why a study cannot start, or its report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// An option does not fit.
    #[error("option `{name}` {message}")]
    Option {
        /// Which option.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A limit does not fit.
    #[error(transparent)]
    Limits(#[from] LimitError),
    /// Problems or samples do not fit.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// No problem has a sample.
    #[error("no problem of the chosen subset has a sample; problem numbers in the samples start at {first}")]
    NothingToDo {
        /// Smallest problem number that has samples.
        first: u32,
    },
    /// Numbers that no score can be made of.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// One evaluation: hands out commands, takes results, and can report at any time.
#[derive(Debug)]
pub struct Study {
    options: Options,
    guest: Guest,
    identity: RunnerIdentity,
    entries: Vec<Entry>,
    problems_total: usize,
    notices: Vec<String>,
    open: Vec<usize>,
    open_max: usize,
    unopened: usize,
    in_flight: BTreeMap<u64, (usize, Step)>,
    next_id: u64,
    unreported: Vec<Fact>,
    content_sha256: String,
    key: String,
    parts: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Entry {
    problem: Problem,
    samples: Vec<(String, String)>,
    reference: Option<Vec<Vec<FuelUnits>>>,
    failed: Option<String>,
    learnt: BTreeMap<String, Fact>,
    run: Option<ProblemRun>,
}

impl Study {
    /// Plans an evaluation. `parallel` is how many commands the edge runs at once; the report does not
    /// depend on it.
    ///
    /// # Errors
    /// [`StudyError`] for options, limits or ids that do not fit, or when there is nothing to do.
    pub fn new(
        input: EvaluationInput,
        options: Options,
        guest: Guest,
        identity: RunnerIdentity,
        parallel: usize,
    ) -> Result<Self, StudyError> {
        options.validate()?;
        let EvaluationInput { problems, mut samples } = input;
        let first = samples.by_number.keys().next().copied().unwrap_or_default();
        let unknown = unknown_problems(&problems, &samples);
        let selected = select(problems, &options.subset)?;
        let problems_total = selected.len();
        let lacking = selected.iter().filter(|problem| !samples.by_number.contains_key(&problem.number)).count();
        let mut entries: Vec<Entry> = Vec::new();
        for problem in selected {
            let Some(sources) = samples.by_number.remove(&problem.number).filter(|sources| !sources.is_empty()) else {
                continue;
            };
            let samples = sources.into_iter().map(|source| (sha256_hex(source.as_bytes()), source)).collect();
            let learnt = BTreeMap::new();
            entries.push(Entry { problem, samples, reference: None, failed: None, learnt, run: None });
        }
        entries.truncate(options.problems_max.unwrap_or(usize::MAX));
        if entries.is_empty() {
            return Err(StudyError::NothingToDo { first });
        }
        let mut notices = Vec::new();
        if lacking > 0 && options.problems_max.is_none() {
            notices.push(format!("{lacking} problem(s) of the chosen subset have no sample and are left out"));
        }
        if let Some(first) = unknown.first() {
            let count = unknown.len();
            notices.push(format!(
                "samples of {count} problem(s) that are not in the file, from number {first}, are left out"
            ));
        }
        let content_sha256 = content(&entries);
        let mut parts = vec![
            ("frugal version", FRUGAL_VERSION.to_owned()),
            ("cost table", identity.cost_table.to_owned()),
            ("guest", guest.sha256.clone()),
            ("problems and samples", content_sha256.clone()),
        ];
        parts.extend(options.parts());
        let key = parts.iter().fold(ContentKey::new(EVALUATION_SCHEMA), |key, (name, value)| {
            key.part(name.as_bytes()).part(value.as_bytes())
        });
        Ok(Self {
            options,
            guest,
            identity,
            entries,
            problems_total,
            notices,
            open: Vec::new(),
            open_max: parallel.max(1) + 1,
            unopened: 0,
            in_flight: BTreeMap::new(),
            next_id: 0,
            unreported: Vec::new(),
            content_sha256,
            key: key.finish(),
            parts,
        })
    }

    /// Names everything that decides the result; k is not part of it. 64 hexadecimal digits.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What [`Study::key`] is made of, by name: two studies with different keys differ in one of these.
    pub fn parts(&self) -> &[(&'static str, String)] {
        &self.parts
    }

    /// Takes a fact recorded by an earlier evaluation of the same key. Facts that do not fit, and failures
    /// of the machinery, which another try may mend, are left aside.
    pub fn learn(&mut self, fact: Fact) {
        if fact.is_final() {
            self.record(fact);
        }
    }

    /// The next command, or `None` when nothing can start before a result comes in, or at the end.
    pub fn next_command(&mut self) -> Option<Command> {
        loop {
            match self.ready_step() {
                Some((index, step)) => {
                    if let Some(command) = self.command(index, step) {
                        return Some(command);
                    }
                }
                None if self.open.len() < self.open_max && self.open_next() => {}
                None => return None,
            }
        }
    }

    fn ready_step(&mut self) -> Option<(usize, Step)> {
        let entries = &mut self.entries;
        self.open.iter().find_map(|&index| Some((index, entries[index].run.as_mut()?.next_step()?)))
    }

    /// The command of a step; `None` when the step is refused, which is then learnt.
    fn command(&mut self, index: usize, step: Step) -> Option<Command> {
        let entry = &mut self.entries[index];
        let context = Context { problem: &entry.problem, guest: &self.guest, options: &self.options };
        let run = entry.run.as_mut()?;
        match run.job(step, context) {
            Ok((job, limits)) => {
                let id = self.next_id;
                self.next_id += 1;
                self.in_flight.insert(id, (index, step));
                Some(Command { id, job, limits })
            }
            Err(why) => {
                let refused = run.refuse(step, &why, context.problem);
                let facts = self.settle(index, refused);
                self.unreported.extend(facts);
                None
            }
        }
    }

    /// Opens the next problem that is not decided. False at the end.
    fn open_next(&mut self) -> bool {
        while self.unopened < self.entries.len() {
            let index = self.unopened;
            self.unopened += 1;
            let entry = &mut self.entries[index];
            let wanted: BTreeMap<String, &str> = entry
                .samples
                .iter()
                .filter(|(sha256, _)| !entry.learnt.contains_key(sha256))
                .map(|(sha256, source)| (sha256.clone(), source.as_str()))
                .collect();
            if wanted.is_empty() && entry.reference.is_some() {
                continue;
            }
            let context = Context { problem: &entry.problem, guest: &self.guest, options: &self.options };
            match ProblemRun::open(context, wanted.into_iter().collect()) {
                Ok(run) => entry.run = Some(run),
                Err(message) => {
                    entry.failed = Some(message);
                    continue;
                }
            }
            self.open.push(index);
            return true;
        }
        false
    }

    /// Takes the result of a command and returns what was learnt. A cancelled command may be handed out again.
    pub fn accept(&mut self, id: u64, result: Result<Measurement, RunError>) -> Vec<Fact> {
        let Some((index, step)) = self.in_flight.remove(&id) else { return Vec::new() };
        let entry = &mut self.entries[index];
        let Some(run) = &mut entry.run else { return Vec::new() };
        if result == Err(RunError::Cancelled) {
            run.put_back(step);
            return Vec::new();
        }
        let context = Context { problem: &entry.problem, guest: &self.guest, options: &self.options };
        let taken = run.take(step, result, context);
        let facts = self.settle(index, taken);
        let mut all = std::mem::take(&mut self.unreported);
        all.extend(facts);
        all
    }

    /// Records what a problem's step gave, and closes the problem when it is decided.
    fn settle(&mut self, index: usize, taken: Result<Vec<Fact>, Failure>) -> Vec<Fact> {
        let entry = &mut self.entries[index];
        let task_id = entry.problem.task_id.clone();
        let mut facts = taken.unwrap_or_else(|message| vec![Fact::ProblemFailed { task_id: task_id.clone(), message }]);
        if let (Some(Fact::Reference { fuel, .. }), Some(known)) = (facts.first(), &entry.reference)
            && fuel != known
        {
            let message = "the reference's fuel differs from the recorded evaluation".to_owned();
            facts = vec![Fact::ProblemFailed { task_id, message }];
        }
        if matches!(facts.first(), Some(Fact::ProblemFailed { .. }))
            || entry.run.as_ref().is_none_or(ProblemRun::is_done)
        {
            entry.run = None;
            self.open.retain(|open| *open != index);
        }
        for fact in &facts {
            self.record(fact.clone());
        }
        facts
    }

    fn record(&mut self, fact: Fact) {
        let levels = &self.options.tests_per_level;
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.problem.task_id == fact.task_id()) else { return };
        match fact {
            Fact::Reference { fuel, .. } => {
                let fits = fuel.len() == levels.len()
                    && fuel.iter().zip(levels).all(|(cases, tests)| cases.len() == *tests as usize);
                if fits {
                    entry.reference = Some(fuel);
                }
            }
            Fact::ProblemFailed { message, .. } => entry.failed = Some(message),
            Fact::Sample { ref source_sha256, .. } => {
                entry.learnt.insert(source_sha256.clone(), fact);
            }
        }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress { done: 0, total: 0 };
        for entry in &self.entries {
            let mut distinct: Vec<&String> = entry.samples.iter().map(|(sha256, _)| sha256).collect();
            distinct.sort_unstable();
            distinct.dedup();
            let total = distinct.len() as u64 + 1;
            let learnt = distinct.iter().filter(|sha256| entry.learnt.contains_key(**sha256)).count() as u64;
            progress.total += total;
            progress.done += if entry.failed.is_some() { total } else { learnt + u64::from(entry.reference.is_some()) };
        }
        progress
    }

    /// True when every problem is decided.
    pub fn is_done(&self) -> bool {
        let progress = self.progress();
        progress.done == progress.total
    }

    /// The samples that a fact decides, as they will stand in the report.
    ///
    /// # Errors
    /// [`StudyError::Score`] when the numbers contradict each other.
    pub fn rows(&self, fact: &Fact) -> Result<Vec<SampleReport>, StudyError> {
        let Fact::Sample { task_id, source_sha256, .. } = fact else { return Ok(Vec::new()) };
        let Some(entry) = self.entries.iter().find(|entry| entry.problem.task_id == *task_id) else {
            return Ok(Vec::new());
        };
        let report = entry.report(&fold::options_report(&self.options))?;
        Ok(report.samples.into_iter().filter(|sample| sample.source_sha256 == *source_sha256).collect())
    }

    /// The report of what is known now; what is not stands as pending.
    ///
    /// # Errors
    /// [`StudyError::Score`] when the numbers contradict each other.
    pub fn report(&self, timing: Timing) -> Result<EvaluationReport, StudyError> {
        let options = fold::options_report(&self.options);
        let problems = self.entries.iter().map(|entry| entry.report(&options)).collect::<Result<Vec<_>, _>>()?;
        let mut report = EvaluationReport {
            schema: EVALUATION_SCHEMA.to_owned(),
            suite: "enamel".to_owned(),
            metrics: BTreeMap::new(),
            intervals: BTreeMap::new(),
            notices: self.notices.clone(),
            coverage: Coverage {
                problems_total: u32::try_from(self.problems_total).unwrap_or(u32::MAX),
                ..Coverage::default()
            },
            options,
            problems,
            provenance: self.provenance(),
            timing,
        };
        fold::summarise(&mut report)?;
        Ok(report)
    }

    fn provenance(&self) -> Provenance {
        Provenance {
            frugal_version: FRUGAL_VERSION.to_owned(),
            engine: self.identity.engine.clone(),
            meter: self.identity.meter.name().to_owned(),
            cost_table: self.identity.cost_table.to_owned(),
            guest: Some(GuestProvenance {
                language: self.guest.language.name().to_owned(),
                version: self.guest.version.clone(),
                sha256: self.guest.sha256.clone(),
            }),
            program_sha256: self.content_sha256.clone(),
            key: self.key.clone(),
        }
    }
}

impl Entry {
    fn report(&self, options: &EvaluationOptions) -> Result<ProblemReport, ScoreError> {
        let decided = self.reference.is_some();
        let status = match (&self.failed, decided) {
            (Some(_), _) => ProblemStatus::InfrastructureFailure,
            (None, true) => ProblemStatus::Evaluated,
            (None, false) => ProblemStatus::Pending,
        };
        let samples = self.samples.iter().enumerate().map(|(index, (sha256, _))| self.sample(index, sha256));
        let problem = ProblemReport {
            task_id: self.problem.task_id.clone(),
            entry_point: self.problem.entry_point.clone(),
            status,
            message: self.failed.clone(),
            reference_fuel: self.reference.clone().unwrap_or_default(),
            limit_fuel: FuelUnits(0),
            samples: samples.collect(),
        };
        fold::problem_report(options, problem)
    }

    fn sample(&self, index: usize, sha256: &str) -> SampleReport {
        let mut report = SampleReport {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            source_sha256: sha256.to_owned(),
            verdict: Verdict::Pending,
            passed: false,
            efficiency: 0.0,
            level_scores: Vec::new(),
            fuel: Vec::new(),
            cost_ratio: None,
            message: None,
            place: None,
        };
        // Without the reference's fuel a sample's own says nothing yet.
        if self.reference.is_some()
            && let Some(Fact::Sample { verdict, fuel, message, place, .. }) = self.learnt.get(sha256)
        {
            report.verdict = *verdict;
            report.fuel.clone_from(fuel);
            report.message.clone_from(message);
            report.place = *place;
        }
        report
    }
}

/// Numbers that samples name and no problem has, ascending.
fn unknown_problems(problems: &[Problem], samples: &Samples) -> Vec<u32> {
    let is_known = |number: u32| problems.iter().any(|problem| problem.number == number);
    let named = samples.by_number.iter().filter(|(number, sources)| !sources.is_empty() && !is_known(**number));
    named.map(|(number, _)| *number).collect()
}

/// SHA-256 of problems and samples together.
fn content(entries: &[Entry]) -> String {
    let mut digest = ContentKey::new("enamel");
    for entry in entries {
        let Problem { task_id, number, prompt, generator, level_sizes, reference, checker, entry_point } =
            &entry.problem;
        for text in [task_id, prompt, generator, &level_sizes.join(" "), reference, checker, entry_point] {
            digest = digest.part(text.as_bytes());
        }
        digest = digest.number((*number).into()).number(entry.samples.len() as u64);
        for (_, source) in &entry.samples {
            digest = digest.part(source.as_bytes());
        }
    }
    digest.finish()
}
