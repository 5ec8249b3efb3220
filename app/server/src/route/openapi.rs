//! The API described for programs.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;

use super::{evaluations, health, problems, run};
use crate::ApiError;

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
        openapi,
    )
)]
struct Document;

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "server", responses((status = 200, body = Object)))]
pub(crate) async fn openapi() -> Result<Response, ApiError> {
    let document = Document::openapi().to_json().map_err(|error| ApiError::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}
