//! The API described for programs.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi as Description, Ref, Response as Answer, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::{evaluations, health, openai, problems, run};
use crate::ApiError;
use crate::error::ErrorBody;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Frugal",
        description = "What code costs, to the unit. Fuel is a decimal string everywhere. Every answer carries x-request-id; every failure has the form of ErrorBody.",
    ),
    paths(
        run::run,
        evaluations::submit,
        evaluations::list,
        evaluations::read,
        evaluations::result,
        evaluations::events,
        evaluations::cancel,
        evaluations::delete,
        problems::problems,
        health::guests,
        health::health,
        openai::models,
        openai::model,
        openai::chat,
        openai::completions,
        openapi,
    ),
    components(schemas(ErrorBody)),
    modifiers(&AnyRequest)
)]
struct Document;

/// What any request may be answered with, before its route sees it or when the server fails.
const ANY_REQUEST: [(&str, &str); 4] = [
    ("403", "Host or Origin is not one that this server answers to"),
    ("429", "Too many requests are being answered; Retry-After says when to try again"),
    ("500", "The server failed; its log has the cause"),
    ("503", "The store or the machinery refused, or the work was cancelled; try again"),
];

/// What a request with a body may be answered with besides.
const ANY_BODY: [(&str, &str); 5] = [
    ("400", "The body broke off or was not well-formed HTTP"),
    ("408", "The body did not arrive in time"),
    ("413", "The body is too large"),
    ("415", "The body is not said to be JSON"),
    ("422", "The body is not what is asked for; `where` and `hint` say what to mend"),
];

/// Adds those answers to every operation that does not describe them itself.
struct AnyRequest;

impl Modify for AnyRequest {
    fn modify(&self, description: &mut Description) {
        for item in description.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
                let bodies = if operation.request_body.is_some() { &ANY_BODY[..] } else { &[] };
                for (status, meaning) in ANY_REQUEST.iter().chain(bodies) {
                    add(operation, status, meaning);
                }
            }
        }
    }
}

fn add(operation: &mut Operation, status: &str, meaning: &str) {
    let content = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    let answer: Answer = ResponseBuilder::new().description(meaning).content("application/json", content).build();
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| answer.into());
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "server", responses((status = 200, description = "OpenAPI in JSON", body = Object)))]
pub(crate) async fn openapi() -> Result<Response, ApiError> {
    let document = Document::openapi().to_json().map_err(|error| ApiError::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}
