//! Benchmarks of many samples: submitted, watched, cancelled, read.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use frugal_jobs::{Key, Queue, Submission, Task, TaskState};
use futures::Stream;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, watch};
use utoipa::ToSchema;

use crate::error::ErrorBody;
use crate::evaluate::EvaluationBody;
use crate::json::read_json;
use crate::time::rfc3339;
use crate::{ApiError, App};

/// Most evaluations listed.
const LISTED_MAX: u32 = 200;

/// One evaluation, without its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EvaluationSummary {
    /// 64 hexadecimal digits over everything submitted: equal submissions are one evaluation.
    pub id: String,
    /// Name given by its submitter. Hostile text.
    pub name: String,
    /// Such as `enamel`.
    pub suite: String,
    /// `queued`, `running`, `finished`, `failed` or `cancelled`.
    pub state: &'static str,
    /// Runs done.
    pub steps_done: u32,
    /// Runs there are; 0 while unknown.
    pub steps_total: u32,
    /// Why it failed. Where the machinery failed in some runs, the result holds the others.
    pub message: Option<String>,
    /// RFC 3339, UTC.
    pub submitted_utc: String,
    /// RFC 3339, UTC; absent until it has ended.
    pub finished_utc: Option<String>,
}

impl From<Task> for EvaluationSummary {
    fn from(task: Task) -> Self {
        Self {
            id: task.id.to_string(),
            name: task.name,
            suite: task.kind,
            state: task.state.name(),
            steps_done: task.progress.steps_done,
            steps_total: task.progress.steps_total,
            message: task.message,
            submitted_utc: rfc3339(task.submitted_ms),
            finished_utc: task.finished_ms.map(rfc3339),
        }
    }
}

/// The evaluations of this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Evaluations {
    /// Newest first, at most 200.
    pub evaluations: Vec<EvaluationSummary>,
}

/// Nothing, said in JSON: browsers may not send that to another origin without asking.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Submits an evaluation, or finds the one that is equal to it.
#[utoipa::path(post, path = "/api/evaluations", tag = "evaluations", request_body = EvaluationBody, responses(
    (status = 202, description = "It waits for its turn", body = EvaluationSummary),
    (status = 200, description = "An equal one was there", body = EvaluationSummary),
    (status = 422, description = "It cannot be evaluated", body = ErrorBody),
    (status = 429, description = "Too many wait; Retry-After says when to try again", body = ErrorBody)))]
pub(crate) async fn submit(State(app): State<Arc<App>>, request: Request<Body>) -> Result<Response, ApiError> {
    let config = &app.config;
    let body: EvaluationBody = read_json(request, config.evaluation_body_bytes_max, config.body_deadline).await?;
    let again = Arc::clone(&app);
    let submitted = blocking(move || {
        let request = body.resolve(&again)?;
        let study = request.study(&*again.compute, again.config.jobs)?;
        let id = request.key(&study, &*again.compute);
        let stored = serde_json::to_vec(&request).map_err(|error| ApiError::internal(&error))?;
        let kind = request.suite.name();
        Ok(again.store.submit(&Submission { id, kind, name: &request.name, request: &stored })?)
    })
    .await?;
    app.worker.wake();
    let status = if submitted.added { StatusCode::ACCEPTED } else { StatusCode::OK };
    let location = format!("/api/evaluations/{}", submitted.task.id);
    Ok((status, [(header::LOCATION, location)], Json(EvaluationSummary::from(submitted.task))).into_response())
}

/// The evaluations, newest first.
#[utoipa::path(get, path = "/api/evaluations", tag = "evaluations", responses((status = 200, description = "Newest first", body = Evaluations)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<Evaluations>, ApiError> {
    let tasks = blocking(move || Ok(app.store.tasks(LISTED_MAX)?)).await?;
    Ok(Json(Evaluations { evaluations: tasks.into_iter().map(EvaluationSummary::from).collect() }))
}

/// Where an evaluation stands.
#[utoipa::path(get, path = "/api/evaluations/{id}", tag = "evaluations",
    params(("id" = String, Path, description = "Of the evaluation")),
    responses((status = 200, description = "Where it stands", body = EvaluationSummary),
    (status = 404, description = "There is no such evaluation", body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<EvaluationSummary>, ApiError> {
    let id = parse_id(&id)?;
    Ok(Json(blocking(move || Ok(app.store.task(&id)?)).await?.into()))
}

/// The report of a finished evaluation, or of a failed one what there is of it.
#[utoipa::path(get, path = "/api/evaluations/{id}/result", tag = "evaluations",
    params(("id" = String, Path, description = "Of the evaluation")), responses(
    (status = 200, description = "The report", body = frugal_report::EvaluationReport),
    (status = 404, description = "There is no such evaluation", body = ErrorBody),
    (status = 409, description = "It has no report", body = ErrorBody)))]
pub(crate) async fn result(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let id = parse_id(&id)?;
    let report = blocking(move || {
        let task = app.store.task(&id)?;
        match (task.state, app.store.result(&id)?) {
            (TaskState::Finished | TaskState::Failed, Some(report)) => Ok(report),
            (TaskState::Finished, None) => Err(ApiError::internal(&"a finished evaluation has no report")),
            (state, _) => {
                let message = format!("the evaluation is {state}; only a finished one has a result");
                Err(ApiError::new(StatusCode::CONFLICT, "not_finished", message))
            }
        }
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], report).into_response())
}

/// Cancels an evaluation that waits or runs; what it measured is kept for the next time.
#[utoipa::path(post, path = "/api/evaluations/{id}/cancel", tag = "evaluations",
    params(("id" = String, Path, description = "Of the evaluation")), request_body = Nothing, responses(
    (status = 200, description = "It is cancelled", body = EvaluationSummary),
    (status = 404, description = "There is no such evaluation", body = ErrorBody),
    (status = 409, description = "It has ended already", body = ErrorBody)))]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Json<EvaluationSummary>, ApiError> {
    let id = parse_id(&id)?;
    let Nothing {} = read_json(request, 1 << 10, app.config.body_deadline).await?;
    Ok(Json(blocking(move || app.worker.cancel(&id)).await?.into()))
}

/// Deletes an evaluation that has ended, with its report.
#[utoipa::path(delete, path = "/api/evaluations/{id}", tag = "evaluations",
    params(("id" = String, Path, description = "Of the evaluation")), responses(
    (status = 204, description = "It is deleted"),
    (status = 404, description = "There is no such evaluation", body = ErrorBody),
    (status = 409, description = "It waits or runs", body = ErrorBody)))]
pub(crate) async fn delete(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = parse_id(&id)?;
    blocking(move || Ok(app.store.delete(&id)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Progress as server-sent events: `progress` at once and on each change, `end` as the last; the data
/// of both is an `EvaluationSummary`.
#[utoipa::path(get, path = "/api/evaluations/{id}/events", tag = "evaluations",
    params(("id" = String, Path, description = "Of the evaluation")), responses(
    (status = 200, description = "Events until it has ended", content_type = "text/event-stream", body = String),
    (status = 404, description = "There is no such evaluation", body = ErrorBody),
    (status = 429, description = "Too many streams are open", body = ErrorBody)))]
pub(crate) async fn events(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let id = parse_id(&id)?;
    let permit = Arc::clone(&app.streams)
        .try_acquire_owned()
        .map_err(|_| ApiError::queue_full(format!("all {} event streams are taken", app.config.streams_max), 10))?;
    let news = app.board.subscribe(id);
    let again = Arc::clone(&app);
    let task = blocking(move || Ok(again.store.task(&id)?)).await?;
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15)).text("still here");
    // Nobody asks for more after the last event, so the connection makes room for others.
    let close = [(header::CONNECTION, "close")];
    Ok((close, Sse::new(follow(app, task, news, permit)).keep_alive(keep_alive)).into_response())
}

/// The task as it is, then each change, until it has ended or the server stops.
fn follow(
    app: Arc<App>,
    first: Task,
    news: watch::Receiver<Option<Task>>,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    struct Following {
        app: Arc<App>,
        next: Option<Task>,
        news: watch::Receiver<Option<Task>>,
        id: Key,
        ended: bool,
        _permit: OwnedSemaphorePermit,
    }
    let following = Following { id: first.id, app, next: Some(first), news, ended: false, _permit: permit };
    futures::stream::unfold(following, |mut following| async move {
        if following.ended {
            return None;
        }
        let task = match following.next.take() {
            Some(task) => task,
            None => {
                let changed = tokio::select! {
                    changed = following.news.changed() => changed.is_ok(),
                    () = following.app.stopping.wait() => return None,
                };
                let told = following.news.borrow_and_update().clone();
                match told {
                    Some(task) if changed => task,
                    // The channel closes with the task's end, which may have overtaken its news.
                    _ => following.app.store.task(&following.id).ok()?,
                }
            }
        };
        following.ended = task.state.has_ended();
        let name = if following.ended { "end" } else { "progress" };
        let data = serde_json::to_string(&EvaluationSummary::from(task)).ok()?;
        Some((Ok(Event::default().event(name).data(data)), following))
    })
}

fn parse_id(text: &str) -> Result<Key, ApiError> {
    text.parse().map_err(|error: frugal_jobs::ParseKeyError| ApiError::not_found(error.to_string()).at("id"))
}

/// Runs what waits for the disk away from the threads that serve.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(ApiError::internal(&panic)))
}
