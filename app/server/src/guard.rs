//! Who may ask: the checks and headers that every request passes through.
//!
//! A server on a loopback address can be reached by any page in the user's browser. Two checks keep
//! foreign pages out: the Host must be a name of ours (against DNS rebinding), and the Origin of a
//! request that does something must be ours or allowed (against cross-site requests).

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;

use crate::{ApiError, Config};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whom the server answers.
#[derive(Debug)]
pub(crate) struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
    listen: IpAddr,
    process: u32,
    requests: AtomicU64,
}

impl Guard {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            hosts: config.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            origins: config
                .allowed_origins
                .iter()
                .map(|origin| origin.trim_end_matches('/').to_ascii_lowercase())
                .collect(),
            listen: config.listen.ip(),
            process: std::process::id(),
            requests: AtomicU64::new(0),
        }
    }

    fn request_id(&self) -> String {
        format!("{:x}-{:x}", self.process, self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// The Host, if the request names exactly one that is ours.
    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, ApiError> {
        let mut values = headers.get_all(header::HOST).iter();
        let host = match (values.next(), values.next()) {
            (Some(host), None) => host.to_str().ok(),
            _ => None,
        };
        let authority = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
        let known = authority.filter(|authority| {
            let name = name_of(authority).to_ascii_lowercase();
            is_loopback(&name) || self.hosts.contains(&name) || self.is_own_address(&name)
        });
        known.map(str::to_ascii_lowercase).ok_or_else(|| {
            ApiError::new(StatusCode::FORBIDDEN, "forbidden_host", "this server does not answer to that host name")
                .at("host")
                .hint("use http://127.0.0.1, or start the server with --host NAME")
        })
    }

    fn is_own_address(&self, name: &str) -> bool {
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        // Bound to every address: any address may be ours, and no name can be rebound to an address literal.
        address.is_ok_and(|address| address == self.listen || self.listen.is_unspecified())
    }

    fn check_origin(&self, method: &Method, headers: &HeaderMap, host: &str) -> Result<(), ApiError> {
        let reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
        // A proxy in front changes the Host; the browser's own word says that page and address agree.
        let behind_proxy =
            is_loopback(name_of(authority)) && headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
        if reading || authority == host || behind_proxy || self.allows(&origin) {
            return Ok(());
        }
        Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden_origin", "pages of that origin may not use this server")
            .at("origin")
            .hint("start the server with --allow-origin ORIGIN to let them"))
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }

    /// The CORS headers for an allowed foreign origin; none for any other.
    fn share(&self, origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        if self.origins.is_empty() {
            return;
        }
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        let Some(origin) = origin else { return };
        if origin.to_str().is_ok_and(|text| self.allows(&text.to_ascii_lowercase())) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
            headers
                .insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type, authorization"));
            headers
                .insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("frugal-cache, x-request-id"));
            headers.insert(
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("cross-origin"),
            );
        }
    }
}

/// Checks a request, numbers it, logs it, and completes the headers of its answer.
pub(crate) async fn guard(State(guard): State<Arc<Guard>>, request: Request<Body>, next: Next) -> Response {
    let id = guard.request_id();
    let begun = Instant::now();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", %id, %method, path = request.uri().path());
    let mut response = async {
        let checked = guard
            .check_host(request.uri(), request.headers())
            .and_then(|host| guard.check_origin(&method, request.headers(), &host));
        let response = match checked {
            Err(error) => error.into_response(),
            Ok(()) if method == Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
            Ok(()) => next.run(request).await,
        };
        let status = response.status().as_u16();
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status, ms, "answered");
        response
    }
    .instrument(span)
    .await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    // Answers of the API are data; if one is ever shown as a page, it can do nothing.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    guard.share(origin, headers);
    response
}

/// `localhost` of `localhost:8080`, `[::1]` of `[::1]:8080`.
fn name_of(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => authority,
    }
}

fn is_loopback(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}
