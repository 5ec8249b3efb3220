//! An evaluation as a client asks for it, and how it is done.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use frugal_bench::suite::enamel::Subset;
use frugal_flow::enamel::{Command, EvaluationInput, Fact, Options, Study};
use frugal_flow::{limits_from_report, limits_report};
use frugal_fuel::{Language, Measurement, RunError};
use frugal_jobs::{Executor, Key, KeyBuilder, Lease, Progress, drive};
use frugal_report::{LimitsReport, Timing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::limits::LimitsBody;
use crate::time::rfc3339;
use crate::worker::{Evaluate, Incomplete, Steps};
use crate::{ApiError, App, Compute};

/// Problems and samples to score.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvaluationBody {
    /// Which benchmark's format and rules.
    pub suite: Suite,
    /// Text of the problems file, such as ENAMEL's `enamel.csv`.
    pub problems: Option<String>,
    /// Name of a shipped problem set, instead of `problems`; see `/api/problems`.
    pub problem_set: Option<String>,
    /// Text of the samples file: ENAMEL's samples JSON or EvalPlus JSONL.
    pub samples: String,
    /// Numbers of samples drawn, such as `[1, 10]`; the suite's own when absent.
    #[serde(default)]
    pub k: Vec<u32>,
    /// Only these problems, such as `HumanEval/0`; the suite's default set when absent.
    #[serde(default)]
    pub subset: Vec<String>,
    /// Only the first problems, counted after `subset`.
    pub problems_max: Option<usize>,
    /// A name for people.
    pub name: Option<String>,
    /// Limits of one run.
    #[serde(default)]
    pub limits: LimitsBody,
}

/// Benchmarks that can be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Suite {
    /// ENAMEL: efficiency at expert level.
    Enamel,
}

impl Suite {
    /// The name used in every interface.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enamel => "enamel",
        }
    }
}

impl EvaluationBody {
    /// What to evaluate, checked: shipped problems looked up, limits within the server's.
    pub(crate) fn resolve(self, app: &App) -> Result<EvaluationRequest, ApiError> {
        // The command line's own limits, so that equal evaluations are equal here and there.
        let most = Options::default().limits;
        let limits = self.limits.resolve(&most, &most)?;
        let problems = match (self.problems, self.problem_set) {
            (Some(problems), None) => problems,
            (None, Some(name)) => app.problem_sets.text(&name)?.to_owned(),
            _ => return Err(ApiError::invalid("problems", "give either `problems` or `problem_set`")),
        };
        Ok(EvaluationRequest {
            suite: self.suite,
            name: self.name.unwrap_or_default(),
            problems,
            samples: self.samples,
            k: self.k,
            subset: self.subset,
            problems_max: self.problems_max,
            limits: limits_report(&limits),
        })
    }
}

/// What the queue keeps of a submission: all that evaluating it needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EvaluationRequest {
    pub(crate) suite: Suite,
    pub(crate) name: String,
    problems: String,
    samples: String,
    k: Vec<u32>,
    subset: Vec<String>,
    problems_max: Option<usize>,
    limits: LimitsReport,
}

impl EvaluationRequest {
    /// Names everything that decides the report.
    pub(crate) fn key(&self, study: &Study, compute: &dyn Compute) -> Key {
        let ks: Vec<_> = self.k.iter().flat_map(|k| k.to_le_bytes()).collect();
        KeyBuilder::new("evaluation/1")
            .part(study.key().as_bytes())
            .part(&ks)
            .part(compute.identity().engine.as_bytes())
            .part(frugal_flow::FRUGAL_VERSION.as_bytes())
            .finish()
    }

    /// The study of this request.
    pub(crate) fn study(&self, compute: &dyn Compute, parallel: usize) -> Result<Study, ApiError> {
        let (problems, samples) = (self.problems.as_bytes(), self.samples.as_bytes());
        let input = EvaluationInput::read(problems, "problems", samples, "samples")
            .map_err(|error| ApiError::invalid("problems and samples", error.to_string()))?;
        let guest = compute.guests().into_iter().find(|guest| guest.language == Language::Python).ok_or_else(|| {
            ApiError::invalid("suite", "the Python guest is not installed on this server")
                .hint("start the server with --guests DIR")
        })?;
        let mut options =
            Options { limits: limits_from_report(&self.limits), problems_max: self.problems_max, ..Options::default() };
        if !self.k.is_empty() {
            options.k.clone_from(&self.k);
        }
        if !self.subset.is_empty() {
            options.subset = Subset::Ids(self.subset.clone());
        }
        Study::new(input, options, guest, compute.identity(), parallel)
            .map_err(|error| ApiError::invalid("evaluation", error.to_string()))
    }
}

/// Evaluates with `jobs` threads.
pub(crate) fn evaluator(compute: Arc<dyn Compute>, jobs: usize) -> Arc<Evaluate> {
    Arc::new(move |lease: &Lease, steps: &Steps<'_>| evaluate(&*compute, jobs, lease, steps))
}

/// Runs a study to its end and returns its report, or what kept it from one. A report in which the machinery failed
/// somewhere is kept, but the evaluation has not finished: submitted again, it tries those runs again.
fn evaluate(compute: &dyn Compute, jobs: usize, lease: &Lease, steps: &Steps<'_>) -> Result<Vec<u8>, Incomplete> {
    let (began_ms, began) = (now_ms(), Instant::now());
    let request: EvaluationRequest = serde_json::from_slice(&lease.request)?;
    let mut study = request.study(compute, jobs).map_err(|error| error.message().to_owned())?;
    for line in steps.facts()? {
        // A fact of an earlier version may be unreadable: then its run is done again.
        if let Ok(fact) = serde_json::from_str(&line) {
            study.learn(fact);
        }
    }
    drive(&mut study, jobs, &Leased { compute, steps })?;
    let timing = Timing {
        started_utc: rfc3339(began_ms),
        finished_utc: rfc3339(now_ms()),
        wall_ms: began.elapsed().as_secs_f64() * 1e3,
    };
    let report = study.report(timing)?;
    let json = report.to_json()?.into_bytes();
    match report.coverage.infrastructure_failures {
        0 => Ok(json),
        count => {
            let message = format!(
                "{count} infrastructure failure(s): the report holds the rest and excludes them from the metrics; \
                 submit it again to try them again"
            );
            Err(Incomplete { message, report: Some(json) })
        }
    }
}

/// Runs commands on the server's runner and keeps facts with the lease.
struct Leased<'a> {
    compute: &'a dyn Compute,
    steps: &'a Steps<'a>,
}

impl Executor for Leased<'_> {
    type Failure = String;

    fn run(&self, command: &Command) -> Result<Measurement, RunError> {
        self.compute.run_until(&command.job, &command.limits, self.steps.cancel())
    }

    fn cancelled(&self) -> bool {
        self.steps.cancelled()
    }

    fn record(&self, facts: &[Fact], progress: frugal_flow::Progress) -> Result<(), Self::Failure> {
        let lines: Result<Vec<_>, _> = facts.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(|error| error.to_string())?;
        let progress = Progress { steps_done: steps(progress.done), steps_total: steps(progress.total) };
        self.steps.record(&lines, progress).map_err(|error| error.to_string())
    }
}

fn steps(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
