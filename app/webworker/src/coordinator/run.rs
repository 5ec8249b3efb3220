//! One program.

use frugal_flow::run::{self, RequestError};
use frugal_fuel::{CostTable, Job, Language};
use frugal_wire::{Code, Input, RunRequest, RunView, ToPage};

use super::slot::Failure;
use super::{Context, identity};
use crate::relay::limits_from_wire;
use crate::scope::post;

/// Runs what a person wrote, and reports.
pub(super) async fn run(context: Context, request: RunRequest) -> Result<ToPage, Failure> {
    let (id, profiled) = (request.id, request.profile);
    let request = flow_request(request);
    let guests = context.guests.guests();
    let planned = run::plan(&request, &guests, CostTable::FUEL_1.name)?;
    let woven = profiled.then(|| run::plan_profile(&request, &guests, CostTable::FUEL_1.name)).transpose()?;
    let guest = match &planned.job {
        Job::Module(_) => None,
        Job::Guest(job) | Job::Profile(job) => Some(context.guests.load(job.guest.language).await?),
    };
    let lease = context.pool.lease().await?;
    if let Some(guest) = guest {
        lease.add_guest(&guest)?;
    }
    let measured = lease.measure(&planned.job, &planned.limits).await?;
    let mut report = run::report(&planned, &identity(), &measured.measurement, Some(measured.wall_ms));
    if let Some(woven) = woven {
        report.profile_refusal = run::refuse_profile(&report);
        if report.profile_refusal.is_none() {
            post(&ToPage::Progress { id, done: 1, total: 2, note: "Running again with marks".to_owned() });
            let marked = lease.measure(&woven.job, &woven.limits).await?;
            run::attribute(&mut report, &marked.measurement);
        }
    }
    drop(lease);
    let report_json = report.to_json().map_err(|error| Failure::ours(error.to_string()))?;
    Ok(ToPage::RunFinished { id, view: Box::new(RunView::from(&report)), report_json })
}

fn flow_request(request: RunRequest) -> run::RunRequest {
    let code = match request.program.code {
        Code::Module { bytes } => run::Code::Module(bytes),
        Code::Text { language: frugal_wire::Language::Wat, text } => run::Code::Wat(text),
        Code::Text { language: frugal_wire::Language::Python, text } => {
            run::Code::Source { language: Language::Python, text }
        }
        Code::Text { language: frugal_wire::Language::Javascript, text } => {
            run::Code::Source { language: Language::JavaScript, text }
        }
    };
    let input = match request.program.input {
        Input::Call { entry, arguments_json } => run::Input::Call { entry, arguments: arguments_json },
        Input::Stdin { text } => run::Input::Stdin(text),
    };
    run::RunRequest { code, input, limits: limits_from_wire(&request.limits) }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let hint = error.hint.clone().unwrap_or_default();
        Self { message: error.to_string(), hint }
    }
}
