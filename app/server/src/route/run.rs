//! One run.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use frugal_flow::run::{
    Code, Input, Planned, RequestError, RunRequest, attribute, plan, plan_profile, refuse_profile, report,
};
use frugal_fuel::{Limits, Outcome, Rejection, RunError};
use frugal_jobs::{Key, KeyBuilder};
use frugal_report::RunReport;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::error::ErrorBody;
use crate::json::read_json;
use crate::limits::{LimitsBody, within};
use crate::{ApiError, App, Cancel};

/// Says whether the result was stored before (`hit`), measured for another request at the same time
/// (`shared`), or measured now (`miss`).
const CACHE: HeaderName = HeaderName::from_static("frugal-cache");

/// Code to run, how to enter it, and its limits.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunBody {
    /// What the code is written in.
    pub language: RunLanguage,
    /// The source text; for all languages but `wasm`.
    pub source: Option<String>,
    /// The binary module in base64; for `wasm`.
    pub module: Option<String>,
    /// The function or export to call.
    pub entry: Option<String>,
    /// Positional arguments. For modules numbers; a float that JSON cannot write is a string: `"NaN"`,
    /// `"Infinity"`, `"-Infinity"`. Integers may have any length.
    #[schema(value_type = Option<Vec<Object>>)]
    pub arguments: Option<Box<RawValue>>,
    /// Standard input: runs the source as a whole program, instead of `entry` and `arguments`.
    pub stdin: Option<String>,
    /// What it may use.
    #[serde(default)]
    pub limits: LimitsBody,
    /// Also tell where the fuel went, by function and line, from a second run with marks; Python only.
    #[serde(default)]
    pub profile: bool,
}

/// What code can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunLanguage {
    /// CPython.
    Python,
    /// Boa.
    Javascript,
    /// A binary WebAssembly module.
    Wasm,
    /// WebAssembly text.
    Wat,
}

impl RunBody {
    fn resolve(self, maxima: &Limits) -> Result<RunRequest, ApiError> {
        let limits = self.limits.resolve(&Limits::default(), maxima)?;
        let code = match (self.language, self.source, self.module) {
            (RunLanguage::Wasm, None, Some(module)) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(module);
                Code::Module(bytes.map_err(|error| ApiError::invalid("module", format!("not base64: {error}")))?)
            }
            (RunLanguage::Wasm, ..) => {
                return Err(ApiError::invalid("module", "a wasm run needs `module`, and no `source`"));
            }
            (_, Some(text), None) => match self.language {
                RunLanguage::Python => Code::Source { language: frugal_fuel::Language::Python, text },
                RunLanguage::Javascript => Code::Source { language: frugal_fuel::Language::JavaScript, text },
                RunLanguage::Wat | RunLanguage::Wasm => Code::Wat(text),
            },
            _ => return Err(ApiError::invalid("source", "this language needs `source`, and no `module`")),
        };
        let input = match (self.entry, self.arguments, self.stdin) {
            (None, None, Some(text)) => Input::Stdin(text),
            (Some(entry), arguments, None) => {
                let arguments = arguments.map_or_else(|| "[]".to_owned(), |json| json.get().to_owned());
                Input::Call { entry, arguments }
            }
            (None, _, None) => {
                return Err(ApiError::invalid("entry", "give `entry` for a call, or `stdin` for a program"));
            }
            (_, _, Some(_)) => {
                return Err(ApiError::invalid("stdin", "give `entry` and `arguments`, or `stdin`, not both"));
            }
        };
        Ok(RunRequest { code, input, limits })
    }
}

/// Runs code and counts its fuel. Every outcome of the code is a 200; closing the connection cancels it.
#[utoipa::path(post, path = "/api/run", tag = "run", request_body = RunBody, responses(
    (status = 200, description = "How it ended and what it cost", body = RunReport),
    (status = 422, description = "It cannot be run as asked; `where` and `hint` say what to mend", body = ErrorBody),
    (status = 429, description = "Too many wait; Retry-After says when to try again", body = ErrorBody),
    (status = 503, description = "The machinery failed; nothing is known about the code", body = ErrorBody)))]
pub(crate) async fn run(State(app): State<Arc<App>>, request: Request<Body>) -> Result<Response, ApiError> {
    let body: RunBody = read_json(request, app.config.run_body_bytes_max, app.config.body_deadline).await?;
    let profiled = body.profile;
    let request = body.resolve(&app.config.maxima)?;
    let again = Arc::clone(&app);
    let prepared = tokio::task::spawn_blocking(move || prepare(&again, &request, profiled)).await;
    let (key, jobs, stored) = prepared.unwrap_or_else(|panic| Err(ApiError::internal(&panic)))?;
    if let Some(stored) = stored {
        return respond(&stored, "hit");
    }
    let again = Arc::clone(&app);
    let landed = app.pool.run(key, Box::new(move |cancel| measure(&again, &key, &jobs, cancel))).await?;
    respond(&landed.value, if landed.shared { "shared" } else { "miss" })
}

/// What one request runs.
struct Jobs {
    planned: Planned,
    /// The same with marks, where a profile is asked for.
    woven: Option<Planned>,
}

/// Builds the jobs and looks for their result.
fn prepare(app: &App, request: &RunRequest, profiled: bool) -> Result<(Key, Jobs, Option<RunReport>), ApiError> {
    let identity = app.compute.identity();
    let invalid = |error: RequestError| {
        let invalid = ApiError::invalid(error.place, error.message);
        if let Some(hint) = error.hint { invalid.hint(hint) } else { invalid }
    };
    let guests = app.compute.guests();
    let planned = plan(request, &guests, identity.cost_table).map_err(invalid)?;
    let mut woven = None;
    if profiled {
        let mut more = plan_profile(request, &guests, identity.cost_table).map_err(invalid)?;
        // It asks for more than the run itself; a server gives at most what it gives anyone.
        more.limits = within(&more.limits, &app.config.maxima);
        woven = Some(more);
    }
    // Lower bounds of runs that did not finish may differ between engines, and one job can be written
    // in more than one way.
    let key = KeyBuilder::new("run/1")
        .part(planned.key.as_bytes())
        .part(planned.program_sha256.as_bytes())
        .part(identity.engine.as_bytes())
        .part(identity.meter.name().as_bytes())
        .part(frugal_flow::FRUGAL_VERSION.as_bytes());
    let key = woven.iter().fold(key, |key, woven| key.part(woven.key.as_bytes())).finish();
    let stored = app.store.result(&key)?.and_then(|body| {
        let report = std::str::from_utf8(&body).ok().and_then(|json| RunReport::from_json(json).ok());
        if report.is_none() {
            tracing::error!(%key, "a stored result cannot be read; it is measured again");
        }
        report
    });
    Ok((key, Jobs { planned, woven }, stored))
}

fn measure(app: &App, key: &Key, jobs: &Jobs, cancel: &Cancel) -> Result<RunReport, ApiError> {
    let Jobs { planned, woven } = jobs;
    let begun = Instant::now();
    let measurement = app.compute.run_until(&planned.job, &planned.limits, cancel).map_err(runner_failed)?;
    let wall_ms = begun.elapsed().as_secs_f64() * 1e3;
    let identity = app.compute.identity();
    let mut full = report(planned, &identity, &measurement, Some(wall_ms));
    let mut lasts = repeats(&measurement.outcome);
    if let Some(woven) = woven {
        full.profile_refusal = refuse_profile(&full);
        if full.profile_refusal.is_none() {
            let marked = app.compute.run_until(&woven.job, &woven.limits, cancel).map_err(runner_failed)?;
            lasts &= repeats(&marked.outcome);
            attribute(&mut full, &marked);
        }
    }
    if lasts {
        let lasting = RunReport { wall_ms: None, ..full.clone() };
        let json = lasting.to_json().map_err(|error| ApiError::internal(&error))?;
        // The answer is known whether or not it can be kept.
        if let Err(error) = app.store.put_results([(key, json.as_bytes())]) {
            tracing::error!(%error, "a result could not be stored");
        }
    }
    Ok(full)
}

/// Whether the same job would end the same way again: not where a clock decided.
fn repeats(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::PastDeadline | Outcome::Rejected { reason: Rejection::CompileCap { .. } })
}

fn runner_failed(error: RunError) -> ApiError {
    match error {
        RunError::Cancelled => ApiError::cancelled(),
        RunError::Limits(error) => ApiError::invalid("limits", error.to_string()),
        RunError::UnknownGuest { .. } => ApiError::invalid("language", error.to_string()),
        error => {
            tracing::error!(%error, "the runner failed");
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "runner_failed", error.to_string())
        }
    }
}

fn respond(report: &RunReport, cache: &'static str) -> Result<Response, ApiError> {
    let json = report.to_json().map_err(|error| ApiError::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE, HeaderValue::from_static(cache)),
    ];
    Ok((headers, json).into_response())
}
