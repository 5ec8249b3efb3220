//! A benchmark over the runners of this tab.

use std::collections::BTreeSet;
use std::rc::Rc;

use frugal_bench::suite::enamel::Subset;
use frugal_flow::enamel::{Command, EvaluationInput, Fact, Options, Study};
use frugal_fuel::{Language, RunError};
use frugal_report::{EvaluationReport, ProblemReport, ProblemStatus, SampleReport, Timing, Verdict};
use frugal_wire::{EvaluateRequest, JobId, ToPage};
use futures::StreamExt;
use futures::channel::oneshot;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;

use super::shown::{evaluation_summary, sample_row};
use super::slot::{Failure, Measured};
use super::{Context, identity};
use crate::guests::CompiledGuest;
use crate::relay::limits_from_wire;
use crate::scope::{now_ms, now_utc, post};

/// Runs a benchmark to its end, or until `stop` is dropped; what is not reached then stands as pending.
pub(super) async fn evaluate(
    context: Context,
    request: EvaluateRequest,
    mut stop: oneshot::Receiver<()>,
) -> Result<ToPage, Failure> {
    let (started_ms, started_utc) = (now_ms(), now_utc());
    let id = request.id;
    let (problems, samples) = (&request.problems, &request.samples);
    let input = EvaluationInput::read(&problems.bytes, &problems.name, &samples.bytes, &samples.name)
        .map_err(|error| Failure { message: error.to_string(), hint: HINT_FILES.to_owned() })?;
    let guest = context.guests.load(Language::Python).await?;
    let parallel = context.runners as usize;
    let mut study = Study::new(input, options(request.options), guest.guest.clone(), identity(), parallel)
        .map_err(|error| Failure { message: error.to_string(), hint: HINT_FILES.to_owned() })?;
    let mut table = Table::new(id);
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < parallel {
            let Some(command) = study.next_command() else { break };
            running.push(execute(&context, &guest, command));
        }
        if running.is_empty() {
            break;
        }
        // Dropping `running` after Stop ends the runners that are still busy.
        let Either::Left((Some((command, result)), _)) = select(running.next(), &mut stop).await else { break };
        let facts = study.accept(command, result);
        table.post(&study, &facts);
    }
    drop(running);
    let timing = Timing { started_utc, finished_utc: now_utc(), wall_ms: now_ms() - started_ms };
    let report = study.report(timing).map_err(|error| Failure::ours(error.to_string()))?;
    table.post_rest(&report);
    let summary = Box::new(evaluation_summary(&report, study.is_done())?);
    Ok(ToPage::EvaluationFinished { id, summary })
}

const HINT_FILES: &str = "Mend the file or the option that the message names, then run again.";

async fn execute(
    context: &Context,
    guest: &Rc<CompiledGuest>,
    command: Command,
) -> (u64, Result<frugal_fuel::Measurement, RunError>) {
    let measured: Result<Measured, Failure> = async {
        let lease = context.pool.lease().await?;
        lease.add_guest(guest)?;
        lease.measure(&command.job, &command.limits).await
    }
    .await;
    let failed = |failure: Failure| RunError::Engine { message: failure.message };
    (command.id, measured.map(|measured| measured.measurement).map_err(failed))
}

fn options(asked: frugal_wire::EvaluationOptions) -> Options {
    let mut options = Options::default();
    if !asked.k.is_empty() {
        options.k = asked.k;
    }
    if !asked.subset.is_empty() {
        options.subset = Subset::Ids(asked.subset);
    }
    if let Some(limits) = asked.limits {
        options.limits = limits_from_wire(&limits);
    }
    options.problems_max = asked.problems_max.map(|problems| problems as usize);
    options
}

/// The rows a page has been told of.
pub(super) struct Table {
    id: JobId,
    posted: BTreeSet<(String, u32)>,
}

impl Table {
    pub(super) fn new(id: JobId) -> Self {
        Self { id, posted: BTreeSet::new() }
    }

    fn post(&mut self, study: &Study, facts: &[Fact]) {
        for fact in facts {
            // Numbers that contradict each other end the evaluation when its report is made.
            for sample in study.rows(fact).unwrap_or_default() {
                self.post_row(fact.task_id(), &sample);
            }
        }
        if let Some(last) = facts.last() {
            let progress = study.progress();
            let count = |steps: u64| u32::try_from(steps).unwrap_or(u32::MAX);
            let (done, total) = (count(progress.done), count(progress.total));
            post(&ToPage::Progress { id: self.id, done, total, note: last.task_id().to_owned() });
        }
    }

    /// Samples of problems that failed, which no fact decided. Those that Stop left unreached have no row.
    pub(super) fn post_rest(&mut self, report: &EvaluationReport) {
        let failed = |problem: &&ProblemReport| problem.status == ProblemStatus::InfrastructureFailure;
        for problem in report.problems.iter().filter(failed) {
            for sample in &problem.samples {
                let message = problem.message.clone();
                let sample = SampleReport { verdict: Verdict::InfrastructureFailure, message, ..sample.clone() };
                self.post_row(&problem.task_id, &sample);
            }
        }
    }

    pub(super) fn post_row(&mut self, task_id: &str, sample: &SampleReport) {
        if self.posted.insert((task_id.to_owned(), sample.index)) {
            post(&ToPage::EvaluationRow { id: self.id, row: sample_row(task_id, sample) });
        }
    }
}
