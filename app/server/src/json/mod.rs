//! Request bodies, read strictly.

mod scan;

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::ApiError;

pub(crate) use scan::scan;

/// Reads a JSON body of at most `bytes_max` bytes within `deadline`.
///
/// Strict: `application/json` only (a browser cannot send it to another origin without asking), no
/// duplicate keys, no unknown fields (the types say so), no numbers that lose their value.
///
/// # Errors
/// 415, 413, 408, 400 for a broken upload, 422 with the place for the rest.
pub(crate) async fn read_json<T: DeserializeOwned>(
    request: Request<Body>,
    bytes_max: usize,
    deadline: Duration,
) -> Result<T, ApiError> {
    check_content_type(&request)?;
    let too_large = || {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", format!("the body is above {bytes_max} bytes"))
            .hint("send less, or run it with the frugal command")
    };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > bytes_max as u64) {
        return Err(too_large());
    }
    let collecting = Limited::new(request.into_body(), bytes_max).collect();
    let Ok(collected) = tokio::time::timeout(deadline, collecting).await else {
        let message = format!("the body did not arrive within {} seconds", deadline.as_secs());
        return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message));
    };
    let bytes = collected
        .map_err(|error| {
            if error.downcast_ref::<LengthLimitError>().is_some() {
                return too_large();
            }
            ApiError::new(StatusCode::BAD_REQUEST, "bad_request", "the body broke off or was not well-formed HTTP")
        })?
        .to_bytes();
    parse(&bytes)
}

fn check_content_type(request: &Request<Body>) -> Result<(), ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.map(|value| value.split(';').next().unwrap_or(value).trim());
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "the body must be JSON")
        .at("content-type")
        .hint("send the header `content-type: application/json`"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let invalid = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_json", message);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| invalid("the body is not UTF-8".to_owned()).at(format!("byte {}", error.valid_up_to())))?;
    scan(text).map_err(|fault| {
        let error = invalid(fault.message).at(fault.place);
        if let Some(hint) = fault.hint { error.hint(hint) } else { error }
    })?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { "the body".to_owned() } else { path };
        ApiError::invalid(place, error.into_inner().to_string()).hint("see /api/openapi.json for the form of requests")
    })
}
