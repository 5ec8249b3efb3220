//! One HTTP request to an endpoint.

use std::io::Read;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use ureq::config::AutoHeaderValue;
use ureq::http::{HeaderValue, Response, Uri, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Timeout};

use crate::message::{Message, Request};
use crate::parse::{complaint, shown, stream, whole};
use crate::retry::retry_after;
use crate::{ChatError, Key, Reply, Wait};

/// Bytes of an error's body that are looked at.
const COMPLAINT_MAX_BYTES: u64 = 16 << 10;

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the first byte, and for each next one.
    pub byte: Duration,
    /// For the whole answer.
    pub whole: Duration,
}

impl Default for Timeouts {
    /// 10 s, 120 s, 600 s: a model may think for long, and a stream brings bytes all the time.
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), byte: Duration::from_secs(120), whole: Duration::from_secs(600) }
    }
}

/// An endpoint and how to treat it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Address of the API, such as `https://models.example/v1`; requests go to `chat/completions` below it.
    pub url: String,
    /// Name of the model to ask for.
    pub model: String,
    /// Sent as bearer token.
    pub key: Option<Key>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Most bytes of an answer, as sent. A stream takes some 200 bytes a token.
    pub reply_max_bytes: u64,
    /// Most requests for one answer, at least 1.
    pub attempts_max: u32,
    /// Longest wait that an endpoint may ask for; if it asks for more, the call fails and says so.
    pub retry_after_max: Duration,
    /// Asks for a stream, so that a stall is noticed early. An endpoint that answers in one piece is understood all the same.
    pub stream: bool,
    /// Certificates to trust instead of the public ones, in PEM.
    pub certificates_pem: Option<Vec<u8>>,
}

impl Endpoint {
    /// An endpoint with defaults: no key, streams, 4 attempts, answers of 8 MiB, a minute's wait on request.
    pub fn new(url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            model: model.into(),
            key: None,
            timeouts: Timeouts::default(),
            reply_max_bytes: 8 << 20,
            attempts_max: 4,
            retry_after_max: Duration::from_secs(60),
            stream: true,
            certificates_pem: None,
        }
    }
}

/// An endpoint that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The address is none.
    #[error("the endpoint's address {message}; it looks like https://models.example/v1")]
    Address {
        /// What is wrong.
        message: &'static str,
    },
    /// The certificates are none.
    #[error("the certificates to trust: {message}; a PEM file holds one or more blocks `BEGIN CERTIFICATE`")]
    Certificates {
        /// What is wrong.
        message: String,
    },
    /// A model without a name.
    #[error("the model's name is empty")]
    Model,
}

/// Sends requests.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    agent: Agent,
    endpoint: Endpoint,
    address: String,
    shown: String,
}

#[derive(Serialize)]
struct Sent<'a> {
    model: &'a str,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl Transport {
    pub(crate) fn new(endpoint: Endpoint) -> Result<Self, EndpointError> {
        let (address, shown) = addresses(&endpoint.url)?;
        if endpoint.model.trim().is_empty() {
            return Err(EndpointError::Model);
        }
        let mut tls = TlsConfig::builder();
        if let Some(pem) = &endpoint.certificates_pem {
            tls = tls.root_certs(certificates(pem)?);
        }
        let Timeouts { connect, byte, whole } = endpoint.timeouts;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(AutoHeaderValue::from(concat!("frugal/", env!("CARGO_PKG_VERSION"))))
            .timeout_connect(Some(connect))
            .timeout_recv_response(Some(byte))
            .timeout_per_read(Some(byte))
            .timeout_per_write(Some(byte))
            .timeout_global(Some(whole))
            .tls_config(tls.build())
            .build();
        Ok(Self { agent: config.new_agent(), endpoint, address, shown })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// One request and its answer; blocks up to the timeouts.
    pub(crate) fn send(&self, request: &Request) -> Result<Reply, ChatError> {
        let endpoint = &self.endpoint;
        let key = endpoint.key.as_ref();
        let sent = Sent {
            model: &endpoint.model,
            messages: &request.messages,
            temperature: request.temperature,
            max_tokens: request.reply_tokens_max,
            seed: request.seed,
            stream: endpoint.stream,
            stream_options: endpoint.stream.then_some(StreamOptions { include_usage: true }),
        };
        let body = serde_json::to_vec(&sent).map_err(|error| ChatError::Refused {
            status: 400,
            message: format!("the request cannot be written: {error}"),
        })?;
        let mut post = self.agent.post(&self.address).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            let value = HeaderValue::from_str(&key.authorization());
            let mut value = value.map_err(|_| ChatError::Refused { status: 400, message: "the key".to_owned() })?;
            value.set_sensitive(true);
            post = post.header(header::AUTHORIZATION, value);
        }
        let response = post.send(body.as_slice()).map_err(|error| failure(&error, key))?;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(refusal(status, response, key));
        }
        let is_stream = said(&response, header::CONTENT_TYPE).starts_with("text/event-stream");
        let bytes = self.read(response)?;
        if is_stream { stream(&bytes, key) } else { whole(&bytes, key) }
    }

    /// The body up to the cap.
    fn read(&self, response: Response<Body>) -> Result<Vec<u8>, ChatError> {
        let max_bytes = self.endpoint.reply_max_bytes;
        let mut bytes = Vec::new();
        // One byte more than allowed tells a body at the cap from one above it.
        let limited = response.into_body().into_with_config().limit(max_bytes.saturating_add(2)).reader();
        limited
            .take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| reading(&error, self.endpoint.key.as_ref()))?;
        if bytes.len() as u64 > max_bytes {
            return Err(ChatError::TooLarge { max_bytes });
        }
        Ok(bytes)
    }
}

/// Where requests go, and how that may be shown: query and fragment may hold secrets and are left out.
fn addresses(url: &str) -> Result<(String, String), EndpointError> {
    let wrong = |message| EndpointError::Address { message };
    let url = url.trim();
    let uri: Uri = url.parse().map_err(|_| wrong("is no URL"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong("must begin with http:// or https://"));
    }
    let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("holds a name or password; give the key by variable or file"));
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix("/chat/completions").unwrap_or(path);
    let base = format!("{}://{authority}{path}", uri.scheme_str().unwrap_or_default());
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Ok((format!("{base}/chat/completions{query}"), base))
}

fn certificates(pem: &[u8]) -> Result<RootCerts, EndpointError> {
    let wrong = |message: String| EndpointError::Certificates { message };
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(error.to_string()))? {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        return Err(wrong("there is none".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&found))
}

fn said(response: &Response<Body>, name: header::HeaderName) -> String {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// What an answer without success means.
fn refusal(status: u16, response: Response<Body>, key: Option<&Key>) -> ChatError {
    if (300..400).contains(&status) {
        return ChatError::Redirected { location: shown(&said(&response, header::LOCATION), key) };
    }
    let date = said(&response, header::DATE);
    let retry_after = retry_after(&said(&response, header::RETRY_AFTER), &date, SystemTime::now());
    let mut body = Vec::new();
    // An error's words are a help, no more: without them the status still says enough.
    let _ = response.into_body().into_reader().take(COMPLAINT_MAX_BYTES).read_to_end(&mut body);
    let message = complaint(&body, key);
    match status {
        429 => ChatError::Busy { retry_after, message },
        503 if retry_after.is_some() => ChatError::Busy { retry_after, message },
        408 | 425 | 500.. => ChatError::Broken { status, message },
        _ => ChatError::Refused { status, message },
    }
}

fn failure(error: &ureq::Error, key: Option<&Key>) -> ChatError {
    match error {
        ureq::Error::Timeout(timeout) => ChatError::TimedOut { wait: waited(*timeout) },
        ureq::Error::Io(error) => reading(error, key),
        ureq::Error::Protocol(error) => ChatError::Garbage { message: shown(&error.to_string(), key) },
        error => ChatError::Unreachable { message: shown(&error.to_string(), key) },
    }
}

fn waited(timeout: Timeout) -> Wait {
    match timeout {
        Timeout::Resolve | Timeout::Connect => Wait::Connect,
        Timeout::Global | Timeout::PerCall => Wait::Whole,
        _ => Wait::Byte,
    }
}

/// What a failure on an open connection means.
fn reading(error: &std::io::Error, key: Option<&Key>) -> ChatError {
    use std::io::ErrorKind;
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
        return match inner {
            ureq::Error::Protocol(_) => ChatError::Cut,
            inner => failure(inner, key),
        };
    }
    match error.kind() {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => ChatError::Cut,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => ChatError::TimedOut { wait: Wait::Byte },
        _ => ChatError::Unreachable { message: shown(&error.to_string(), key) },
    }
}
