//! Fetching, checking and inflating files.

use frugal_wire::GuestStage;
use js_sys::{Array, ArrayBuffer, Object, Promise, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, ReadableStream, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::GuestError;
use super::manifest::TabFile;
use super::storage::Storage;
use crate::scope::{property, scope, text, wait};

/// Bytes between two reports of progress.
const PROGRESS_BYTES: u64 = 256 << 10;

#[wasm_bindgen]
extern "C" {
    /// Of the Compression Streams standard; the bindings list it as unstable.
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// A file by its digest: from storage, or from the network and then kept. Damaged storage is fetched anew.
pub(crate) async fn file(
    storage: &Storage,
    address: &str,
    file: &TabFile,
    content_type: &str,
    progress: &dyn Fn(GuestStage, u64),
) -> Result<Uint8Array, GuestError> {
    if let Some(kept) = storage.get(address).await {
        if sha256(&kept).await == file.sha256 {
            progress(GuestStage::Reading, file.bytes);
            return Ok(kept);
        }
        storage.remove(address).await;
    }
    progress(GuestStage::Fetching, 0);
    let fetched = fetch(address, RequestCache::Default, Some((file.bytes, progress))).await?;
    if sha256(&fetched).await == file.sha256 {
        storage.put(address, &fetched, content_type).await;
        return Ok(fetched);
    }
    // An intermediate cache may hold a damaged copy: ask once more, past all caches.
    let fetched = fetch(address, RequestCache::Reload, Some((file.bytes, progress))).await?;
    if sha256(&fetched).await != file.sha256 {
        return Err(GuestError::Digest { address: address.to_owned() });
    }
    storage.put(address, &fetched, content_type).await;
    Ok(fetched)
}

/// A small file from the network, whatever caches hold.
pub(crate) async fn fresh(address: &str) -> Result<Vec<u8>, GuestError> {
    fetch(address, RequestCache::NoCache, None).await.map(|bytes| bytes.to_vec())
}

type Watched<'a> = (u64, &'a dyn Fn(GuestStage, u64));

async fn fetch(address: &str, cache: RequestCache, watched: Option<Watched<'_>>) -> Result<Uint8Array, GuestError> {
    let failed = |message: String| GuestError::Fetch { address: address.to_owned(), message };
    let thrown = |error: JsValue| failed(text(&error));
    let init = RequestInit::new();
    init.set_cache(cache);
    let response: Response = wait(scope().fetch_with_str_and_init(address, &init)).await.map_err(thrown)?;
    if !response.ok() {
        return Err(failed(format!("the host answered {}", response.status())));
    }
    match (response.body(), watched) {
        (Some(body), Some((bytes, progress))) => read(&body, bytes, progress).await.map_err(thrown),
        _ => {
            let buffer: ArrayBuffer = wait(response.array_buffer().map_err(thrown)?).await.map_err(thrown)?;
            Ok(Uint8Array::new(&buffer))
        }
    }
}

/// Reads a body of `expected_bytes`; more is refused, less shows in the digest.
async fn read(
    body: &ReadableStream,
    expected_bytes: u64,
    progress: &dyn Fn(GuestStage, u64),
) -> Result<Uint8Array, JsValue> {
    let capacity = u32::try_from(expected_bytes).map_err(|_| "a file of 4 GiB")?;
    let all = Uint8Array::new_with_length(capacity);
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
    let (mut received, mut reported) = (0_u32, 0);
    loop {
        let chunk: Object = wait(reader.read()).await?;
        let Some(bytes) = property(&chunk, "value").and_then(|value| value.dyn_into::<Uint8Array>().ok()) else {
            return Ok(all.subarray(0, received));
        };
        let end = received.saturating_add(bytes.length());
        if end > capacity {
            return Err(format!("it has more than its {expected_bytes} bytes").into());
        }
        all.set(&bytes, received);
        received = end;
        if u64::from(received) >= reported + PROGRESS_BYTES {
            reported = received.into();
            progress(GuestStage::Fetching, reported);
        }
    }
}

/// Undoes gzip.
pub(crate) async fn inflate(packed: &Uint8Array) -> Result<Uint8Array, JsValue> {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(packed))?;
    let gunzip = DecompressionStream::new("gzip")?;
    let inflated = blob.stream().pipe_through(gunzip.unchecked_ref());
    let response = Response::new_with_opt_readable_stream(Some(&inflated))?;
    let buffer: ArrayBuffer = wait(response.array_buffer()?).await?;
    Ok(Uint8Array::new(&buffer))
}

/// Lower-case hexadecimal SHA-256: by the browser, or where it offers none (no secure context), by our own code.
async fn sha256(bytes: &Uint8Array) -> String {
    let digest = match browser_sha256(bytes) {
        Some(promise) => wait::<ArrayBuffer>(promise).await.ok().map(|digest| Uint8Array::new(&digest).to_vec()),
        None => None,
    };
    let digest = digest.unwrap_or_else(|| Sha256::digest(bytes.to_vec()).to_vec());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn browser_sha256(bytes: &Uint8Array) -> Option<Promise> {
    let subtle = property(&property(&js_sys::global(), "crypto")?, "subtle")?;
    subtle.unchecked_into::<web_sys::SubtleCrypto>().digest_with_str_and_buffer_source("SHA-256", bytes).ok()
}
