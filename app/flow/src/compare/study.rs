use std::collections::{BTreeMap, HashMap};

use frugal_bench::BenchError;
use frugal_fuel::{Guest, LimitError, RunnerIdentity};
use frugal_guests::ContentKey;
use frugal_report::{
    COMPARISON_SCHEMA, ComparedProblem, ComparedReference, ComparedSample, ComparisonOptions, ComparisonReport,
    Coverage, FuelUnits, GuestProvenance, ModelReport, ProblemStatus, Provenance, Timing, Verdict,
};
use frugal_score::ScoreError;

use super::{Fact, Measured, Options, Problem, Run, SampleInput, Samples, Stop, Suite, fold};
use crate::{FRUGAL_VERSION, Progress, limits_report};

/// Why a comparison cannot start, or its report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
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
    /// Samples of a task that the benchmark lacks.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// No problem has a sample.
    #[error("no problem has a sample")]
    NothingToDo,
    /// Numbers that no score can be made of.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// One comparison: hands out work by problem, takes facts, and can report at any time.
#[derive(Debug)]
pub struct Comparison {
    suite: Suite,
    options: Options,
    guest: Guest,
    identity: RunnerIdentity,
    models: Vec<String>,
    notices: Vec<String>,
    problems_total: usize,
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    content_sha256: String,
    key: String,
    parts: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Entry {
    task_id: String,
    names: Vec<(String, Option<f64>)>,
    samples: Vec<SampleInput>,
    references: Option<(Vec<Vec<FuelUnits>>, Option<String>)>,
    failed: Option<String>,
    learnt: BTreeMap<String, Fact>,
}

/// What is left to do for one problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    task_id: String,
    known: Option<Vec<Vec<FuelUnits>>>,
    wanted: Vec<SampleInput>,
}

impl Comparison {
    /// Plans a comparison over the tasks of a benchmark, of which those without samples are left out.
    /// `problems_sha256` names their content.
    ///
    /// # Errors
    /// [`ComparisonError`] for options or tasks that do not fit, or when there is nothing to do.
    pub fn new(
        suite: Suite,
        (task_ids, problems_sha256): (&[String], &str),
        samples: Samples,
        options: Options,
        guest: Guest,
        identity: RunnerIdentity,
    ) -> Result<Self, ComparisonError> {
        options.validate()?;
        let Samples { models, mut by_task, mut notices } = samples;
        if let Some(id) = by_task.keys().find(|id| !task_ids.contains(id)) {
            let example = task_ids.first().cloned().unwrap_or_default();
            return Err(BenchError::UnknownProblem { id: id.clone(), example }.into());
        }
        let content = content(problems_sha256, &models, &by_task);
        let lacking = task_ids.iter().filter(|id| !by_task.contains_key(*id)).count();
        if lacking > 0 {
            notices.push(format!("{lacking} of {} problems have no sample and are left out", task_ids.len()));
        }
        let mut entries = Vec::new();
        for task_id in task_ids {
            if let Some(samples) = by_task.remove(task_id).filter(|samples| !samples.is_empty()) {
                let (names, learnt) = (Vec::new(), BTreeMap::new());
                entries.push(Entry {
                    task_id: task_id.clone(),
                    names,
                    samples,
                    references: None,
                    failed: None,
                    learnt,
                });
            }
        }
        entries.truncate(options.problems_max.unwrap_or(usize::MAX));
        if entries.is_empty() {
            return Err(ComparisonError::NothingToDo);
        }
        let mut parts = vec![
            ("frugal version", FRUGAL_VERSION.to_owned()),
            ("suite", suite.name().to_owned()),
            ("cost table", identity.cost_table.to_owned()),
            ("guest", guest.sha256.clone()),
            ("problems and samples", content.clone()),
        ];
        parts.extend(options.parts());
        let key = parts.iter().fold(ContentKey::new(COMPARISON_SCHEMA), |key, (name, value)| {
            key.part(name.as_bytes()).part(value.as_bytes())
        });
        let places = entries.iter().enumerate().map(|(at, entry)| (entry.task_id.clone(), at)).collect();
        let (problems_total, key) = (task_ids.len(), key.finish());
        let content_sha256 = content;
        Ok(Self {
            suite,
            options,
            guest,
            identity,
            models,
            notices,
            problems_total,
            entries,
            places,
            content_sha256,
            key,
            parts,
        })
    }

    /// Names everything that decides the facts. 64 hexadecimal digits.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What [`Comparison::key`] is made of, by name.
    pub fn parts(&self) -> &[(&'static str, String)] {
        &self.parts
    }

    /// Parameters.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The guest that samples run in.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// What is left to do for a problem; `None` when nothing is, or it has no samples.
    pub fn open(&mut self, problem: &dyn Problem) -> Option<Work> {
        let entry = &mut self.entries[*self.places.get(problem.task_id())?];
        entry.names = problem.references();
        let mut wanted: Vec<SampleInput> = Vec::new();
        for sample in &entry.samples {
            let is_known = entry.learnt.contains_key(&sample.source_sha256);
            if !is_known && !wanted.iter().any(|other| other.source_sha256 == sample.source_sha256) {
                wanted.push(sample.clone());
            }
        }
        if wanted.is_empty() && entry.references.is_some() {
            return None;
        }
        let known = entry.references.as_ref().map(|(fuel, _)| fuel.clone());
        Some(Work { task_id: entry.task_id.clone(), known, wanted })
    }

    /// Takes a fact of this or of an earlier comparison of the same key. Those that do not fit are left aside.
    pub fn learn(&mut self, fact: Fact) {
        let Some(place) = self.places.get(fact.task_id()) else { return };
        let entry = &mut self.entries[*place];
        match fact {
            Fact::References { fuel, message, .. } => entry.references = Some((fuel, message)),
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
            let mut distinct: Vec<&String> = entry.samples.iter().map(|sample| &sample.source_sha256).collect();
            distinct.sort_unstable();
            distinct.dedup();
            let total = distinct.len() as u64 + 1;
            let learnt = distinct.iter().filter(|sha256| entry.learnt.contains_key(**sha256)).count() as u64;
            progress.total += total;
            progress.done +=
                if entry.failed.is_some() { total } else { learnt + u64::from(entry.references.is_some()) };
        }
        progress
    }

    /// The report of what is known now; what is not stands as pending.
    ///
    /// # Errors
    /// [`ComparisonError::Score`] when the numbers contradict each other.
    pub fn report(&self, timing: Timing) -> Result<ComparisonReport, ComparisonError> {
        let (mut k, options) = (self.options.k.clone(), &self.options);
        k.sort_unstable();
        k.dedup();
        let model = |name: &String| ModelReport {
            name: name.clone(),
            metrics: BTreeMap::new(),
            intervals: BTreeMap::new(),
            failures: BTreeMap::new(),
            skipped: Vec::new(),
        };
        let report = ComparisonReport {
            schema: COMPARISON_SCHEMA.to_owned(),
            suite: self.suite.name().to_owned(),
            models: self.models.iter().map(model).collect(),
            aligned_dps: Vec::new(),
            cost_pairs: Vec::new(),
            notices: self.notices.clone(),
            coverage: Coverage {
                problems_total: u32::try_from(self.problems_total).unwrap_or(u32::MAX),
                ..Coverage::default()
            },
            options: ComparisonOptions {
                k,
                min_correct: options.min_correct,
                max_profile: options.max_profile,
                seed: options.seed,
                limits: limits_report(&options.limits),
            },
            problems: self.entries.iter().map(Entry::report).collect(),
            provenance: self.provenance(),
            timing,
        };
        Ok(fold::rescore(&report, None)?)
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

impl Work {
    /// Does the work, and hands each fact to `keep` as soon as it is known.
    ///
    /// # Errors
    /// What `keep` failed with. A cancelled run ends it without a fact.
    pub fn run<E>(
        &self,
        problem: &dyn Problem,
        run: &Run<'_>,
        keep: &mut dyn FnMut(Fact) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |message: String| Fact::ProblemFailed { task_id: self.task_id.clone(), message };
        let prepared = match problem.prepare(run) {
            Ok(prepared) => prepared,
            Err(Stop::Cancelled) => return Ok(()),
            Err(Stop::Failed(message)) => return keep(failed(message)),
        };
        let references = Fact::references(&self.task_id, &prepared);
        match (&references, &self.known) {
            (Fact::References { fuel, .. }, Some(known)) if fuel != known => {
                return keep(failed("the references' fuel differs from the recorded evaluation".to_owned()));
            }
            (_, Some(_)) => {}
            (_, None) => keep(references)?,
        }
        for sample in &self.wanted {
            let measured = match &sample.code {
                Ok(source) => problem.measure(&prepared, source, run),
                Err(why) => Ok(Measured::no_program(why)),
            };
            match measured {
                Ok(measured) => keep(Fact::sample(&self.task_id, &sample.source_sha256, measured))?,
                Err(Stop::Cancelled) => return Ok(()),
                Err(Stop::Failed(message)) => return keep(failed(message)),
            }
        }
        Ok(())
    }
}

impl Entry {
    fn report(&self) -> ComparedProblem {
        let fuel = self.references.as_ref().map(|(fuel, _)| fuel.as_slice()).unwrap_or_default();
        let status = match (&self.failed, fuel.is_empty()) {
            (Some(_), _) => ProblemStatus::InfrastructureFailure,
            (None, false) => ProblemStatus::Evaluated,
            (None, true) => ProblemStatus::Pending,
        };
        let named = self.names.iter().zip(fuel);
        let mut indices: HashMap<usize, u32> = HashMap::new();
        let samples = self.samples.iter().map(|sample| {
            let index = indices.entry(sample.model).or_default();
            *index += 1;
            self.sample(sample, *index - 1)
        });
        ComparedProblem {
            task_id: self.task_id.clone(),
            status,
            message: self.failed.clone().or_else(|| self.references.as_ref().and_then(|(_, message)| message.clone())),
            samples: samples.collect(),
            references: named
                .map(|((name, score), fuel)| ComparedReference {
                    name: name.clone(),
                    score: *score,
                    fuel: fuel.clone(),
                })
                .collect(),
            models: Vec::new(),
        }
    }

    fn sample(&self, sample: &SampleInput, index: u32) -> ComparedSample {
        let mut report = ComparedSample {
            model: u32::try_from(sample.model).unwrap_or(u32::MAX),
            index,
            source_sha256: sample.source_sha256.clone(),
            verdict: Verdict::Pending,
            passed: false,
            fuel: Vec::new(),
            cost_ratio: None,
            scores: BTreeMap::new(),
            message: None,
            place: None,
            failure: None,
        };
        if self.references.is_some()
            && let Some(Fact::Sample { verdict, passed, fuel, message, place, failure, .. }) =
                self.learnt.get(&sample.source_sha256)
        {
            report.verdict = *verdict;
            report.passed = *passed;
            report.fuel.clone_from(fuel);
            report.message.clone_from(message);
            report.place.clone_from(place);
            report.failure.clone_from(failure);
        }
        report
    }
}

/// SHA-256 of problems and samples together.
fn content(problems_sha256: &str, models: &[String], by_task: &BTreeMap<String, Vec<SampleInput>>) -> String {
    let mut digest = ContentKey::new("comparison").part(problems_sha256.as_bytes());
    for model in models {
        digest = digest.part(model.as_bytes());
    }
    for (task_id, samples) in by_task {
        digest = digest.part(task_id.as_bytes());
        for sample in samples {
            digest = digest.number(sample.model as u64).part(sample.source_sha256.as_bytes());
        }
    }
    digest.finish()
}
