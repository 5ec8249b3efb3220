//! Files of a model from a host, each going on where it broke off.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use indicatif::ProgressBar;
use ureq::config::AutoHeaderValue;
use ureq::http::{Response, header};
use ureq::{Agent, Body};

use super::copy::{Broken, each_chunk, failed};
use crate::failure::Failure;

/// Bytes above which a settings file is none.
pub(super) const SMALL_BYTES_MAX: u64 = 64 << 20;
/// Attempts to go on after a failure, each after a longer pause.
const ATTEMPTS: u32 = 4;
const PAUSE_MS: u64 = 250;
const HINT_NETWORK: &str = "check the network; the same command goes on where it stopped";
const HINT_PAGE: &str = "give the address of the raw files: config.json lies directly below it";

/// A folder on a host.
pub(super) struct Remote {
    agent: Agent,
    /// The same without following redirects: a hub tells a file's digest with the redirect to its storage.
    straight: Agent,
    /// Ends with `/`.
    pub(super) base: String,
}

/// What a host says of a file before it sends it.
#[derive(Debug, Default, Clone)]
pub(super) struct Described {
    pub(super) bytes: Option<u64>,
    /// Lower-case hexadecimal.
    pub(super) sha256: Option<String>,
}

impl Remote {
    pub(super) fn new(base: String) -> Self {
        let config = || {
            Agent::config_builder()
                .http_status_as_error(false)
                .user_agent(AutoHeaderValue::from(concat!("frugal/", env!("CARGO_PKG_VERSION"))))
                .timeout_connect(Some(Duration::from_secs(20)))
                .timeout_recv_response(Some(Duration::from_secs(60)))
                .timeout_per_read(Some(Duration::from_secs(60)))
        };
        let straight = config().max_redirects(0).max_redirects_will_error(false).build().new_agent();
        Self { agent: config().build().new_agent(), straight, base }
    }

    fn address(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    fn unreachable(&self, name: &str, error: impl std::fmt::Display) -> Failure {
        Failure::infrastructure(format!("{} could not be fetched: {error}", self.address(name))).hint(HINT_NETWORK)
    }

    /// A settings file; `None` where there is none. Some hosts answer with a web page whatever they are asked for: that is
    /// none either, unless the file must be there.
    pub(super) fn small(&self, name: &str, required: bool) -> Result<Option<Vec<u8>>, Failure> {
        let response = self.agent.get(self.address(name)).call().map_err(|error| self.unreachable(name, error))?;
        let missing = matches!(response.status().as_u16(), 404 | 410);
        match self.check(name, &response) {
            Err(failure) if required => return Err(failure),
            Err(failure) if !missing && !is_page(&response) => return Err(failure),
            Err(_) => return Ok(None),
            Ok(()) => {}
        }
        let mut bytes = Vec::new();
        let mut body = response.into_body().into_reader().take(SMALL_BYTES_MAX + 1);
        body.read_to_end(&mut bytes).map_err(|error| self.unreachable(name, error))?;
        if bytes.len() as u64 > SMALL_BYTES_MAX {
            let message = format!("{}: more than the {SMALL_BYTES_MAX} bytes of any settings file", self.address(name));
            return Err(Failure::usage(message).hint(HINT_PAGE));
        }
        Ok(Some(bytes))
    }

    /// Size and digest, where the host tells them; `None` where there is no such file.
    pub(super) fn describe(&self, name: &str) -> Result<Option<Described>, Failure> {
        let head = |agent: &Agent| agent.head(self.address(name)).call();
        let first = head(&self.straight).map_err(|error| self.unreachable(name, error))?;
        let linked = |what: &str| first.headers().get(what).and_then(|value| value.to_str().ok());
        let sha256 = linked("x-linked-etag").and_then(digest_of);
        let linked_bytes = linked("x-linked-size").and_then(|size| size.parse().ok());
        let response = if first.status().is_redirection() {
            head(&self.agent).map_err(|error| self.unreachable(name, error))?
        } else {
            first
        };
        if matches!(response.status().as_u16(), 404 | 410) {
            return Ok(None);
        }
        self.check(name, &response)?;
        let length = response.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let bytes = linked_bytes.or_else(|| length.and_then(|length| length.parse().ok()));
        Ok(Some(Described { bytes, sha256 }))
    }

    /// The beginning of a file, as long as `take` wants more.
    pub(super) fn beginning(
        &self,
        name: &str,
        take: &mut dyn FnMut(&[u8]) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let response = self.agent.get(self.address(name)).call().map_err(|error| self.unreachable(name, error))?;
        self.check(name, &response)?;
        let mut body = response.into_body().into_reader();
        let mut chunk = vec![0; 64 << 10];
        loop {
            let count = body.read(&mut chunk).map_err(|error| self.unreachable(name, error))?;
            if count == 0 || !take(&chunk[..count])? {
                return Ok(());
            }
        }
    }

    /// Refuses answers that are no file.
    fn check(&self, name: &str, response: &Response<Body>) -> Result<(), Failure> {
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            let message = format!("{}: the host answered {status}", self.address(name));
            return Err(if status >= 500 || status == 429 {
                Failure::infrastructure(message).hint(HINT_NETWORK)
            } else {
                Failure::usage(message).hint(HINT_PAGE)
            });
        }
        if is_page(response) {
            let message = format!("{}: the host sent a web page, not a file", self.address(name));
            return Err(Failure::usage(message).hint(HINT_PAGE));
        }
        Ok(())
    }

    /// Fetches a large file to `path`, from where an earlier attempt broke off.
    pub(super) fn file(
        &self,
        name: &str,
        path: &Path,
        described: &Described,
        bar: &ProgressBar,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(|error| failed(path, error))?;
        let before = bar.position();
        for attempt in 0..=ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(PAUSE_MS << attempt));
            }
            let reason = match self.go_on(name, &mut file, path, described, (bar, before), stop)? {
                Ended::Whole => return Ok(()),
                Ended::Early(reason) => reason,
            };
            if attempt == ATTEMPTS {
                return Err(self.unreachable(name, reason));
            }
        }
        Ok(())
    }

    fn go_on(
        &self,
        name: &str,
        file: &mut File,
        path: &Path,
        described: &Described,
        (bar, before): (&ProgressBar, u64),
        stop: &AtomicBool,
    ) -> Result<Ended, Failure> {
        let mut at = file.seek(SeekFrom::End(0)).map_err(|error| failed(path, error))?;
        if described.bytes.is_some_and(|bytes| at > bytes) {
            // Of another version of the file.
            at = restart(file, path)?;
        }
        bar.set_position(before + at);
        if at > 0 && described.bytes == Some(at) {
            return Ok(Ended::Whole);
        }
        let mut request = self.agent.get(self.address(name));
        if at > 0 {
            request = request.header(header::RANGE, format!("bytes={at}-"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Ended::Early(error.to_string())),
        };
        let status = response.status().as_u16();
        if status >= 500 || status == 429 {
            return Ok(Ended::Early(format!("the host answered {status}")));
        }
        if status == 416 {
            restart(file, path)?;
            return Ok(Ended::Early("what was kept is of another version".to_owned()));
        }
        self.check(name, &response)?;
        let goes_on = status == 206 && begins_at(&response, at);
        if at > 0 && !goes_on {
            // A host that sends files from their beginning only.
            restart(file, path)?;
            bar.set_position(before);
            if status == 206 {
                return Ok(Ended::Early("the host sent another part than was asked for".to_owned()));
            }
        }
        let mut body = response.into_body().into_reader();
        let taken = each_chunk(&mut body, stop, &mut |chunk| {
            bar.inc(chunk.len() as u64);
            file.write_all(chunk)
        });
        let have = file.stream_position().map_err(|error| failed(path, error))?;
        match taken {
            Err(Broken::Stopped) => Err(Failure::interrupted().hint("the same command goes on where it stopped")),
            Err(Broken::Writing(error)) => Err(failed(path, error).hint("free some space; the same command goes on")),
            Err(Broken::Reading(error)) => Ok(Ended::Early(format!("it broke off at byte {have}: {error}"))),
            Ok(_) => match described.bytes {
                Some(bytes) if have < bytes => Ok(Ended::Early(format!("it broke off at byte {have} of {bytes}"))),
                Some(bytes) if have > bytes => {
                    let message = format!("{} is longer than the {bytes} bytes announced", self.address(name));
                    Err(Failure::usage(message).hint("fetch the model from where it was published"))
                }
                _ => Ok(Ended::Whole),
            },
        }
    }
}

/// How one request for a file ended.
enum Ended {
    Whole,
    Early(String),
}

fn restart(file: &mut File, path: &Path) -> Result<u64, Failure> {
    file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).map_err(|error| failed(path, error))
}

fn begins_at(response: &Response<Body>, at: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    range.and_then(|range| range.strip_prefix("bytes ")).is_some_and(|range| range.starts_with(&format!("{at}-")))
}

fn is_page(response: &Response<Body>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// A digest in the form of an entity tag.
fn digest_of(tag: &str) -> Option<String> {
    let tag = tag.trim_start_matches("W/").trim_matches('"');
    is_digest(tag).then(|| tag.to_ascii_lowercase())
}

/// Whether this could be a SHA-256 in hexadecimal.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
