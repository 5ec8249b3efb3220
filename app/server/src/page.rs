//! The built page, served from its folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::ApiError;

/// The page's policy where its own meta tag holds none.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
    style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self' blob: https: http://localhost:* http://127.0.0.1:*; manifest-src 'self'; \
    base-uri 'self'; form-action 'none'";

/// A folder of files. Nothing outside it is ever opened: each part of a path must be a plain name, and
/// symbolic links are not followed.
#[derive(Debug)]
pub(crate) struct Page {
    folder: PathBuf,
}

/// Why a file is not served.
enum Missing {
    /// There is none, or it may not be served.
    File,
    /// A folder with an `index.html`, asked for without its slash.
    Slash(String),
    /// The system failed.
    Io(io::Error),
}

impl Page {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The file for a path of a request.
    fn find(&self, path: &str) -> Result<PathBuf, Missing> {
        let path = percent_decode(path).ok_or(Missing::File)?;
        let mut file = self.folder.clone();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            // Names that a file system could read as more than a name; dot files are nobody's business.
            if part.starts_with('.') || part.contains(['\\', '\0', ':']) || part.len() > 255 {
                return Err(Missing::File);
            }
            file.push(part);
            refuse_link(&file)?;
        }
        if file.is_dir() {
            let index = file.join("index.html");
            refuse_link(&index)?;
            if !path.ends_with('/') {
                let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(percent_encode).collect();
                return Err(Missing::Slash(format!("/{}/", parts.join("/"))));
            }
            file = index;
        } else if path.ends_with('/') {
            return Err(Missing::File);
        }
        if file.is_file() { Ok(file) } else { Err(Missing::File) }
    }

    /// The document for an address inside the page that is no file: the page itself shows it.
    fn fallback(&self) -> Result<String, Missing> {
        let index = self.folder.join("index.html");
        refuse_link(&index)?;
        let html = fs::read_to_string(index).map_err(Missing::Io)?;
        // The build's addresses are relative so that it works in any folder; here it stands at the root.
        Ok(html.replacen("<base href=\"./\"", "<base href=\"/\"", 1))
    }
}

fn refuse_link(path: &Path) -> Result<(), Missing> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(Missing::File),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Missing::File),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Missing::File),
        Err(error) => Err(Missing::Io(error)),
    }
}

/// Answers any address that is not of the API.
pub(crate) async fn serve(State(page): State<Arc<Page>>, request: Request<Body>) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if method != Method::GET && method != Method::HEAD {
        let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "pages can only be read");
        return error.into_response();
    }
    let headers = request.headers().clone();
    let answered = tokio::task::spawn_blocking(move || answer(&page, &uri, &headers)).await;
    answered.unwrap_or_else(|panic| ApiError::internal(&panic).into_response())
}

fn answer(page: &Page, uri: &Uri, asked: &HeaderMap) -> Response {
    let served = match page.find(uri.path()) {
        Ok(file) => respond(&file, asked),
        Err(Missing::File) if is_page_address(uri, asked) => page.fallback().map(|html| document(html.into())),
        Err(missing) => Err(missing),
    };
    served.unwrap_or_else(|missing| match missing {
        Missing::File => ApiError::not_found("there is no such file").into_response(),
        Missing::Slash(to) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Missing::Io(error) => ApiError::internal(&error).into_response(),
    })
}

/// True for addresses that a person opens, as opposed to files that a page needs.
fn is_page_address(uri: &Uri, asked: &HeaderMap) -> bool {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let html = asked.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    !last.contains('.')
        && !uri.path().contains(['%', '\\'])
        && !uri.path().contains("/.")
        && html.is_some_and(|accept| accept.contains("text/html"))
}

fn respond(file: &Path, asked: &HeaderMap) -> Result<Response, Missing> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let (stored, encoding) = encoded(file, asked)?;
    let metadata = fs::metadata(&stored).map_err(Missing::Io)?;
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let tag = format!("W/\"{:x}-{:x}-{}\"", metadata.len(), modified.as_nanos(), encoding.unwrap_or("plain"));
    // Documents are always sent whole: a 304's headers replace those the browser kept, the policy among them.
    let is_document = content_type(name) == HTML;
    let unchanged =
        !is_document && asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else if is_document {
        document(fs::read(&stored).map_err(Missing::Io)?)
    } else {
        Body::from(fs::read(&stored).map_err(Missing::Io)?).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // What a service worker's script may fetch is said by the script's own policy.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    // A worker's script must carry this as well, or an isolated page may not start it.
    headers.insert(EMBEDDER_POLICY, HeaderValue::from_static("require-corp"));
    if !is_document {
        // The page is public; in a sandboxed frame it has no origin of its own and is a stranger to its own files.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

const HTML: &str = "text/html; charset=utf-8";
const EMBEDDER_POLICY: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// A document with the headers of the full page. Its policy is the one in its own meta tag, so that
/// the two cannot differ, with what a meta tag cannot say.
fn document(html: Vec<u8>) -> Response {
    let policy = meta_policy(&html).unwrap_or_else(|| POLICY.to_owned());
    let policy = HeaderValue::from_str(&format!("{policy}; frame-ancestors 'self'"));
    let mut response = Body::from(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(EMBEDDER_POLICY, HeaderValue::from_static("require-corp"));
    if let Ok(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn meta_policy(html: &[u8]) -> Option<String> {
    let html = std::str::from_utf8(html).ok()?;
    let (_, after) = html.split_once("http-equiv=\"Content-Security-Policy\" content=\"")?;
    let (policy, _) = after.split_once('"')?;
    Some(policy.to_owned())
}

/// The file itself, or its neighbour `.br` or `.gz` where the client takes that.
fn encoded(file: &Path, asked: &HeaderMap) -> Result<(PathBuf, Option<&'static str>), Missing> {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (ending, encoding) in [("br", "br"), ("gz", "gzip")] {
        let takes = accepted.split(',').any(|choice| {
            let (name, weight) = choice.split_once(';').unwrap_or((choice, ""));
            name.trim() == encoding && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        });
        let mut neighbour = file.as_os_str().to_owned();
        neighbour.push(format!(".{ending}"));
        let neighbour = PathBuf::from(neighbour);
        if takes && refuse_link(&neighbour).is_ok() && neighbour.is_file() {
            return Ok((neighbour, Some(encoding)));
        }
    }
    Ok((file.to_owned(), None))
}

/// Names with a digest never change their content; all others are asked for again each time.
fn cache_control(name: &str) -> &'static str {
    let hashed = name.split(['-', '.', '_']).skip(1).any(|part| {
        part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    });
    if hashed { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => HTML,
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" | "py" | "wat" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Decodes `%41`; `None` for a broken escape or what is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
            u8::try_from(digit()? * 16 + digit()?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

fn percent_encode(part: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    part.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_names_with_a_digest_are_kept_for_ever() {
        for hashed in
            ["frugal-web-0123456789abcdef_bg.wasm", "start-00aa11bb22cc33dd.js", "python-0123456789ab.wasm.br"]
        {
            assert!(cache_control(hashed).contains("immutable"), "{hashed}");
        }
        for changing in ["index.html", "service-worker.js", "manifest.json", "deadbeefdeadbeef.js", "icon-512.png"] {
            assert_eq!(cache_control(changing), "no-cache", "{changing}");
        }
    }

    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(percent_decode("/a%2e%2E/%41").unwrap(), "/a../A");
        assert_eq!(percent_decode("%252e").unwrap(), "%2e");
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert!(percent_decode(bad).is_none(), "{bad}");
        }
        assert_eq!(percent_encode("a b/"), "a%20b%2F");
    }

    #[test]
    fn the_policy_is_the_documents_own() {
        let html = br#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"#;
        assert_eq!(meta_policy(html).unwrap(), "default-src 'none'");
        assert!(meta_policy(b"<html>").is_none());
    }
}
