//! What a client is told when a request fails: what, where, and how to mend it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use frugal_jobs::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// The body of every failed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorBody {
    /// The failure.
    pub error: ErrorDetail,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable name for programs, such as `queue_full`.
    pub code: &'static str,
    /// What happened, for people.
    pub message: String,
    /// Which part of the request, such as `limits.fuel`.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// How to mend it.
    pub hint: Option<String>,
}

/// A failed request. Built by cause, so that a code always goes with its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
    retry_after_seconds: Option<u32>,
}

impl ApiError {
    /// A failure with a status and a code.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let detail = ErrorDetail { code, message: message.into(), place: None, hint: None };
        Self { status, detail, retry_after_seconds: None }
    }

    /// The request is understood but asks for something that cannot be.
    pub fn invalid(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", message).at(place)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// Too much work waits.
    pub fn queue_full(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", message)
            .hint(format!("try again in {retry_after_seconds} seconds"));
        error.retry_after_seconds = Some(retry_after_seconds);
        error
    }

    /// Everyone who waited for it went away, or the server stops.
    pub fn cancelled() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "cancelled", "the work was cancelled before its end")
    }

    /// The server's own fault; the cause is logged, not told.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed inside the server");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed; its log has the cause")
    }

    /// What happened, for people.
    pub fn message(&self) -> &str {
        &self.detail.message
    }

    /// Says which part of the request.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.detail.place = Some(place.into());
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.detail.hint = Some(hint.into());
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorBody { error: self.detail })).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            // A place among the connections is worth more than this one's next request.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The same failure in the form that clients of the OpenAI interface read.
#[derive(Debug)]
pub(crate) struct OpenAiError(pub(crate) ApiError);

impl From<ApiError> for OpenAiError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl OpenAiError {
    /// The body of the answer.
    pub(crate) fn body(&self) -> serde_json::Value {
        let ErrorDetail { code, message, place, hint } = &self.0.detail;
        let message = hint.as_ref().map_or_else(|| message.clone(), |hint| format!("{message}; {hint}"));
        let kind = match self.0.status.as_u16() {
            429 => "rate_limit_error",
            400..500 => "invalid_request_error",
            _ => "server_error",
        };
        serde_json::json!({ "error": { "message": message, "type": kind, "param": place, "code": code } })
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let body = Json(self.body());
        // The interface knows 400 for whatever is wrong with a request's content.
        let status = match self.0.status {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let mut response = self.0.into_response();
        *response.status_mut() = status;
        let (parts, _) = response.into_parts();
        let mut response = (parts.status, body).into_response();
        for name in [header::RETRY_AFTER, header::CONNECTION] {
            if let Some(value) = parts.headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::QueueFull { .. } => Self::queue_full(error.to_string(), 10),
            StoreError::UnknownTask { .. } => Self::not_found(error.to_string()),
            StoreError::WrongState { .. } => Self::new(StatusCode::CONFLICT, "wrong_state", error.to_string()),
            StoreError::Busy { .. } | StoreError::DiskFull { .. } | StoreError::ReadOnly { .. } => {
                tracing::error!(%error, "the store refused");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage", error.to_string())
            }
            _ => Self::internal(&error),
        }
    }
}
