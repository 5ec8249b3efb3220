//! Models by the interface of OpenAI, so that its clients work unchanged.

mod answer;
mod body;

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request as HttpRequest, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use frugal_session::{BackendError, Request, SessionError};
use futures::Stream;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::error::OpenAiError;
use crate::json::read_json;
use crate::model::{Model, Refused, Said};
use crate::{ApiError, App, time};
use answer::{Head, Kind};
use body::OpenAiBody;

/// Seconds after which a full queue may have room.
const RETRY_AFTER_S: u32 = 2;

/// The models that can be asked.
#[utoipa::path(get, path = "/v1/models", tag = "models", responses((status = 200, description = "A list in the form of OpenAI", body = Object)))]
pub(crate) async fn models(State(app): State<Arc<App>>) -> Json<Value> {
    let models: Vec<Value> = app.models.iter().map(described).collect();
    Json(json!({ "object": "list", "data": models }))
}

/// One of them.
#[utoipa::path(get, path = "/v1/models/{model}", tag = "models",
    params(("model" = String, Path, description = "Its name")),
    responses((status = 200, description = "In the form of OpenAI", body = Object),
    (status = 404, description = "There is no such model", body = Object)))]
pub(crate) async fn model(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Json<Value>, OpenAiError> {
    Ok(Json(described(find(&app, &name)?)))
}

/// Answers a conversation.
#[utoipa::path(post, path = "/v1/chat/completions", tag = "models", request_body = Object,
    responses((status = 200, description = "The answer in the form of OpenAI, or server-sent events of its parts", body = Object),
    (status = 400, description = "It cannot be answered; `param` names the field", body = Object),
    (status = 404, description = "There is no such model", body = Object),
    (status = 429, description = "Too many wait; Retry-After says when to try again", body = Object)))]
pub(crate) async fn chat(State(app): State<Arc<App>>, request: HttpRequest<Body>) -> Result<Response, OpenAiError> {
    let body: OpenAiBody = read_json(request, app.config.run_body_bytes_max, app.config.body_deadline).await?;
    let model = find(&app, &body.model)?;
    let shape = Shape { streams: body.streams(), includes_usage: body.includes_usage() };
    answer(&app, model, Kind::Chat, body.chat(random_seed())?, shape).await
}

/// Continues a text.
#[utoipa::path(post, path = "/v1/completions", tag = "models", request_body = Object,
    responses((status = 200, description = "The text in the form of OpenAI, or server-sent events of its parts", body = Object),
    (status = 400, description = "It cannot be continued; `param` names the field", body = Object),
    (status = 404, description = "There is no such model", body = Object),
    (status = 429, description = "Too many wait; Retry-After says when to try again", body = Object)))]
pub(crate) async fn completions(
    State(app): State<Arc<App>>,
    request: HttpRequest<Body>,
) -> Result<Response, OpenAiError> {
    let body: OpenAiBody = read_json(request, app.config.run_body_bytes_max, app.config.body_deadline).await?;
    let model = find(&app, &body.model)?;
    let shape = Shape { streams: body.streams(), includes_usage: body.includes_usage() };
    answer(&app, model, Kind::Completion, body.completion(random_seed())?, shape).await
}

/// How an answer is to come.
struct Shape {
    streams: bool,
    includes_usage: bool,
}

fn described(model: &Model) -> Value {
    json!({ "id": model.name, "object": "model", "created": model.created_s, "owned_by": "frugal" })
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Model, ApiError> {
    app.models.get(name).ok_or_else(|| {
        let names: Vec<&str> = app.models.iter().map(|model| model.name.as_str()).collect();
        let hint = match names.as_slice() {
            [] => "this server was started without one; start it with --model DIR".to_owned(),
            names => format!("it has {}", names.join(", ")),
        };
        ApiError::new(axum::http::StatusCode::NOT_FOUND, "model_not_found", format!("there is no model `{name}`"))
            .at("model")
            .hint(hint)
    })
}

/// A seed that nobody can guess, for requests that name none.
fn random_seed() -> u64 {
    RandomState::new().hash_one(0)
}

fn refused(error: SessionError) -> ApiError {
    match error {
        SessionError::QueueFull { .. } => ApiError::queue_full(error.to_string(), RETRY_AFTER_S),
        SessionError::Backend(BackendError::DeviceLost { .. } | BackendError::OutOfMemory { .. }) => {
            ApiError::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "device_lost", error.to_string())
                .hint("start the server again")
        }
        SessionError::Backend(error) => ApiError::internal(&error),
        SessionError::Model(error) => {
            ApiError::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "model_failed", error.to_string())
        }
        error => ApiError::invalid("the request", error.to_string()),
    }
}

async fn answer(
    app: &Arc<App>,
    model: &Model,
    kind: Kind,
    asked: Request,
    shape: Shape,
) -> Result<Response, OpenAiError> {
    let prefix = if kind == Kind::Chat { "chatcmpl" } else { "cmpl" };
    let id = format!("{prefix}-{:016x}{:016x}", random_seed(), random_seed());
    let head = Head { kind, id, created_s: time::now_s(), model: model.name.clone() };
    let permit = if shape.streams {
        let message = format!("all {} event streams are taken", app.config.streams_max);
        let permit = Arc::clone(&app.streams).try_acquire_owned();
        Some(permit.map_err(|_| ApiError::queue_full(message, RETRY_AFTER_S))?)
    } else {
        None
    };
    let said = model.submit(asked).await.map_err(|refusal| match refusal {
        Refused::Session(error) => refused(error),
        Refused::Gone => ApiError::internal(&format!("the thread of model {} has ended", model.name)),
    })?;
    match permit {
        Some(permit) => {
            let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
            let close = [(header::CONNECTION, "close")];
            let parts = parts(Arc::clone(app), head, said, shape.includes_usage, permit);
            Ok((close, Sse::new(parts).keep_alive(keep_alive)).into_response())
        }
        None => Ok(Json(whole(&head, said).await?).into_response()),
    }
}

/// Waits for the end. When the client goes away this is dropped, and the request with it.
async fn whole(head: &Head, mut said: UnboundedReceiver<Said>) -> Result<Value, ApiError> {
    let (mut all, mut pieces) = (String::new(), Vec::new());
    while let Some(one) = said.recv().await {
        match one {
            Said::Token { text, logprobs } => {
                all.push_str(&text);
                pieces.extend(logprobs);
            }
            Said::Finished { reason, text, timeline } => {
                all.push_str(&text);
                return Ok(head.whole(&all, &pieces, reason, timeline.as_ref()));
            }
            Said::Failed(error) => return Err(refused(error)),
        }
    }
    Err(ApiError::internal(&"a model's thread ended in the middle of an answer"))
}

/// The answer in parts, until its end or the server's.
fn parts(
    app: Arc<App>,
    head: Head,
    said: UnboundedReceiver<Said>,
    includes_usage: bool,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    struct Telling {
        app: Arc<App>,
        head: Head,
        said: UnboundedReceiver<Said>,
        waiting: std::collections::VecDeque<String>,
        includes_usage: bool,
        ended: bool,
        _permit: OwnedSemaphorePermit,
    }
    impl Telling {
        fn hear(&mut self, one: Option<Said>) {
            match one {
                // Nothing to show yet: part of a character, or of what may become a stop string.
                Some(Said::Token { text, logprobs: None }) if text.is_empty() => {}
                Some(Said::Token { text, logprobs }) => {
                    let pieces: Vec<_> = logprobs.into_iter().collect();
                    self.waiting.push_back(self.head.part(&text, &pieces, None).to_string());
                }
                Some(Said::Finished { reason, text, timeline }) => {
                    if !text.is_empty() {
                        self.waiting.push_back(self.head.part(&text, &[], None).to_string());
                    }
                    self.waiting.push_back(self.head.part("", &[], Some(reason)).to_string());
                    if self.includes_usage {
                        self.waiting.push_back(self.head.counts(timeline.as_ref()).to_string());
                    }
                    self.end();
                }
                Some(Said::Failed(error)) => self.fail(refused(error)),
                None => self.fail(ApiError::internal(&"a model's thread ended in the middle of an answer")),
            }
        }

        fn fail(&mut self, error: ApiError) {
            self.waiting.push_back(OpenAiError(error).body().to_string());
            self.end();
        }

        fn end(&mut self) {
            self.waiting.push_back("[DONE]".to_owned());
            self.ended = true;
        }
    }
    let mut waiting = std::collections::VecDeque::new();
    if head.kind == Kind::Chat {
        waiting.push_back(head.begin().to_string());
    }
    let telling = Telling { app, head, said, waiting, includes_usage, ended: false, _permit: permit };
    futures::stream::unfold(telling, |mut telling| async move {
        loop {
            if let Some(data) = telling.waiting.pop_front() {
                return Some((Ok(Event::default().data(data)), telling));
            }
            if telling.ended {
                return None;
            }
            tokio::select! {
                one = telling.said.recv() => telling.hear(one),
                () = telling.app.stopping.wait() => telling.fail(ApiError::cancelled()),
            }
        }
    })
}
