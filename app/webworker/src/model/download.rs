//! A large file in pieces: from storage what is kept there, the rest from the network, going on where it broke off.

use js_sys::{Object, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStreamDefaultReader, RequestInit, Response};

use super::Problem;
use super::turn::sleep;
use crate::scope::{property, scope, text, wait};
use crate::storage::Storage;

/// What is kept at a time; a broken download repeats less than this.
const PART_BYTES: usize = 4 << 20;
/// Attempts to go on after a failure, each after a longer pause.
const ATTEMPTS: u32 = 4;

const HINT_NETWORK: &str = "Check the network and load again: it goes on where it stopped.";

/// A file to fetch.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub(crate) name: String,
    pub(crate) address: String,
    /// Its size, in bytes, where it is known before.
    pub(crate) bytes: Option<u64>,
    /// Lower-case hexadecimal, where it is known before.
    pub(crate) sha256: Option<String>,
    /// Whether to keep it: not what is on this machine already.
    pub(crate) keep: bool,
}

impl Remote {
    fn part(&self, index: u64) -> String {
        let mark = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{mark}frugal-part={index}", self.address)
    }

    /// Bytes kept in storage, from the first on without a gap.
    pub(crate) async fn kept_bytes(&self, storage: &Storage) -> u64 {
        let Some(bytes) = self.bytes.filter(|_| self.keep) else { return 0 };
        let parts = bytes.div_ceil(PART_BYTES as u64);
        for index in 0..parts {
            if !storage.has(&self.part(index)).await {
                return index * PART_BYTES as u64;
            }
        }
        bytes
    }

    /// Drops what is kept.
    pub(crate) async fn forget(&self, storage: &Storage) {
        for index in 0.. {
            let part = self.part(index);
            if !storage.has(&part).await {
                return;
            }
            storage.remove(&part).await;
        }
    }

    /// Asks how long it is, where that is not known.
    pub(crate) async fn measure(&mut self) -> Result<u64, Problem> {
        if let Some(bytes) = self.bytes {
            return Ok(bytes);
        }
        let init = RequestInit::new();
        init.set_method("HEAD");
        let response = respond(&self.address, &init).await.map_err(|message| self.problem(&message))?;
        check(&response, &self.name)?;
        let bytes = header(&response, "content-length").and_then(|length| length.parse().ok());
        let encoded = header(&response, "content-encoding").is_some();
        match bytes.filter(|_| !encoded) {
            Some(bytes) => {
                self.bytes = Some(bytes);
                Ok(bytes)
            }
            None => Err(Problem::new(
                format!("the host does not say how long {} is", self.name),
                "Download the files and choose them here instead.",
            )),
        }
    }

    fn problem(&self, message: &str) -> Problem {
        Problem::new(format!("{} could not be fetched: {message}", self.address), HINT_NETWORK)
    }
}

/// The pieces of one file, in order.
pub(crate) struct Download<'a> {
    remote: &'a Remote,
    storage: &'a Storage,
    bytes: u64,
    at: u64,
    reader: Option<ReadableStreamDefaultReader>,
    /// What came beyond the place to go on from, of a host that sends files from their beginning only.
    beyond: Option<Vec<u8>>,
    /// The part that is being filled, from the last boundary on.
    part: Vec<u8>,
    failures: u32,
    hasher: Option<Sha256>,
    /// Whether all of it could be kept.
    pub(crate) kept: bool,
}

impl<'a> Download<'a> {
    pub(crate) fn new(remote: &'a Remote, storage: &'a Storage, bytes: u64) -> Self {
        let hasher = remote.sha256.as_ref().map(|_| Sha256::new());
        Self {
            remote,
            storage,
            bytes,
            at: 0,
            reader: None,
            beyond: None,
            part: Vec::new(),
            failures: 0,
            hasher,
            kept: true,
        }
    }

    /// The next piece; `None` after the last one, when the whole is what its digest says.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        loop {
            if self.at >= self.bytes {
                return self.close().await.map(|()| None);
            }
            if let Some(part) = self.kept_part().await {
                return Ok(Some(part));
            }
            match self.fetch().await {
                Ok(Some(piece)) => {
                    self.failures = 0;
                    self.hold(&piece).await;
                    return Ok(Some(piece));
                }
                Ok(None) => self.fail("it broke off").await?,
                Err(Broken::For(message)) => self.fail(&message).await?,
                Err(Broken::Ever(problem)) => return Err(problem),
            }
        }
    }

    /// A part from storage, where one stands at this boundary.
    async fn kept_part(&mut self) -> Option<Vec<u8>> {
        let is_boundary = self.at.is_multiple_of(PART_BYTES as u64) && self.part.is_empty();
        if !self.remote.keep || !is_boundary || self.reader.is_some() {
            return None;
        }
        let kept = self.storage.get(&self.remote.part(self.at / PART_BYTES as u64)).await?.to_vec();
        let due = (self.bytes - self.at).min(PART_BYTES as u64);
        if kept.len() as u64 != due {
            return None;
        }
        self.advance(&kept);
        Some(kept)
    }

    async fn fetch(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let reader = match &self.reader {
            Some(reader) => reader.clone(),
            None => {
                let reader = self.open().await?;
                self.reader.insert(reader).clone()
            }
        };
        if let Some(piece) = self.beyond.take() {
            return Ok(Some(piece));
        }
        let chunk: Object = wait(reader.read()).await.map_err(|error| Broken::For(text(&error)))?;
        let bytes = property(&chunk, "value").and_then(|value| value.dyn_into::<Uint8Array>().ok());
        let Some(bytes) = bytes else { return Ok(None) };
        if self.at + u64::from(bytes.length()) > self.bytes {
            let message = format!("{} is longer than the {} bytes that were announced", self.remote.name, self.bytes);
            return Err(Broken::Ever(Problem::new(message, "Fetch the model from where it was published.")));
        }
        Ok(Some(bytes.to_vec()))
    }

    /// A body that begins at `at`.
    async fn open(&mut self) -> Result<ReadableStreamDefaultReader, Broken> {
        let init = RequestInit::new();
        if self.at > 0 {
            let headers = Object::new();
            let range = format!("bytes={}-", self.at);
            Reflect::set(&headers, &"range".into(), &range.into()).map_err(|error| Broken::For(text(&error)))?;
            init.set_headers(&headers);
        }
        let response = respond(&self.remote.address, &init).await.map_err(Broken::For)?;
        check(&response, &self.remote.name).map_err(Broken::Ever)?;
        let body = response.body().ok_or_else(|| Broken::For("the host sent nothing".to_owned()))?;
        let reader: ReadableStreamDefaultReader =
            body.get_reader().dyn_into().map_err(|_| Broken::For("the body cannot be read".to_owned()))?;
        if self.at > 0 && response.status() != 206 {
            self.beyond = skip(&reader, self.at).await.map_err(Broken::For)?;
        }
        Ok(reader)
    }

    fn advance(&mut self, piece: &[u8]) {
        self.at += piece.len() as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(piece);
        }
    }

    /// Takes a piece from the network into what is kept.
    async fn hold(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while self.remote.keep && !rest.is_empty() {
            let room = PART_BYTES - self.part.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.part.extend_from_slice(now);
            self.advance(now);
            rest = later;
            if self.part.len() == PART_BYTES || self.at == self.bytes {
                self.put().await;
            }
        }
        self.advance(rest);
    }

    async fn put(&mut self) {
        let index = (self.at - self.part.len() as u64) / PART_BYTES as u64;
        let bytes = Uint8Array::from(self.part.as_slice());
        self.kept &= self.storage.put(&self.remote.part(index), &bytes, "application/octet-stream").await;
        self.part.clear();
    }

    async fn fail(&mut self, message: &str) -> Result<(), Problem> {
        self.reader = None;
        self.failures += 1;
        if self.failures > ATTEMPTS {
            return Err(self.remote.problem(message));
        }
        sleep(250 << self.failures).await;
        Ok(())
    }

    async fn close(&mut self) -> Result<(), Problem> {
        let (Some(hasher), Some(want)) = (self.hasher.take(), &self.remote.sha256) else { return Ok(()) };
        let have: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if &have == want {
            return Ok(());
        }
        self.remote.forget(self.storage).await;
        let message = format!("{} has other content than its digest says", self.remote.name);
        Err(Problem::new(message, "Load again. If it stays, the host serves a damaged copy."))
    }
}

/// A fetch that did not go on.
enum Broken {
    /// For now.
    For(String),
    /// For good.
    Ever(Problem),
}

async fn respond(address: &str, init: &RequestInit) -> Result<Response, String> {
    wait(scope().fetch_with_str_and_init(address, init)).await.map_err(|error| text(&error))
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

/// Refuses answers that are no file.
fn check(response: &Response, name: &str) -> Result<(), Problem> {
    if !response.ok() {
        let message = format!("{name}: the host answered {}", response.status());
        return Err(Problem::new(message, "Check the address: the files of a model lie directly below it."));
    }
    if header(response, "content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        let message = format!("{name}: the host sent a web page, not a file");
        return Err(Problem::new(message, "Give the address of the raw files; a hub's pages have another one."));
    }
    Ok(())
}

/// Reads past what is there already, where a host knows no ranges; what the last chunk holds beyond comes back.
async fn skip(reader: &ReadableStreamDefaultReader, bytes: u64) -> Result<Option<Vec<u8>>, String> {
    let mut skipped = 0;
    while skipped < bytes {
        let chunk: Object = wait(reader.read()).await.map_err(|error| text(&error))?;
        let chunk = property(&chunk, "value").and_then(|value| value.dyn_into::<Uint8Array>().ok());
        let Some(chunk) = chunk else { return Err("it broke off".to_owned()) };
        let length = u64::from(chunk.length());
        if skipped + length > bytes {
            let chunk = chunk.to_vec();
            let cut = usize::try_from(bytes - skipped).unwrap_or(chunk.len());
            return Ok(Some(chunk[cut..].to_vec()));
        }
        skipped += length;
    }
    Ok(None)
}

/// A small file, whole. `None` where there is none; a web page in its place is a failure only for a file that must be there,
/// since some hosts answer with one whatever they are asked for.
pub(crate) async fn small(
    address: &str,
    name: &str,
    bytes_max: u32,
    required: bool,
) -> Result<Option<Vec<u8>>, Problem> {
    let problem = |message: String| Problem::new(format!("{address} could not be fetched: {message}"), HINT_NETWORK);
    let response = respond(address, &RequestInit::new()).await.map_err(problem)?;
    if matches!(response.status(), 404 | 410) {
        return Ok(None);
    }
    match check(&response, name) {
        Err(problem) if required => return Err(problem),
        Err(_) => return Ok(None),
        Ok(()) => {}
    }
    let buffer = response.array_buffer().map_err(|error| problem(text(&error)))?;
    let buffer: js_sys::ArrayBuffer = wait(buffer).await.map_err(|error: JsValue| problem(text(&error)))?;
    if buffer.byte_length() > bytes_max {
        let message =
            format!("{name} has {} bytes, more than the {bytes_max} of any settings file", buffer.byte_length());
        return Err(Problem::new(message, "Give the address of a model in a hub's layout."));
    }
    Ok(Some(Uint8Array::new(&buffer).to_vec()))
}
