//! Cache Storage where this page has one.

use frugal_wire::StorageMode;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Response};

use crate::scope::{property, wait};

/// Where files are kept between visits. Storing is best effort: a full quota costs a download, not a run.
pub(crate) enum Storage {
    /// The browser's.
    Cache(Cache),
    /// None: this page has no storage of its own, as in a frame without an origin.
    Memory,
}

impl Storage {
    /// Opens the best there is under this name.
    pub(crate) async fn open(name: &str) -> Self {
        match open_cache(name).await {
            Some(cache) => Self::Cache(cache),
            None => Self::Memory,
        }
    }

    /// Which it is.
    pub(crate) fn mode(&self) -> StorageMode {
        match self {
            Self::Cache(_) => StorageMode::Cache,
            Self::Memory => StorageMode::Memory,
        }
    }

    /// Whether a file is kept.
    pub(crate) async fn has(&self, address: &str) -> bool {
        self.response(address).await.is_some()
    }

    /// A kept file.
    pub(crate) async fn get(&self, address: &str) -> Option<Uint8Array> {
        let response = self.response(address).await?;
        let buffer: ArrayBuffer = wait(response.array_buffer().ok()?).await.ok()?;
        Some(Uint8Array::new(&buffer))
    }

    /// Keeps a file under its address, so that a service worker finds it too. Whether it is kept.
    pub(crate) async fn put(&self, address: &str, bytes: &Uint8Array, content_type: &str) -> bool {
        match (self, response(bytes, content_type)) {
            (Self::Cache(cache), Ok(response)) => JsFuture::from(cache.put_with_str(address, &response)).await.is_ok(),
            _ => false,
        }
    }

    /// Drops a damaged file.
    pub(crate) async fn remove(&self, address: &str) {
        if let Self::Cache(cache) = self {
            let _ = JsFuture::from(cache.delete_with_str(address)).await;
        }
    }

    /// Drops everything but `addresses`: files of an earlier version.
    pub(crate) async fn keep_only(&self, addresses: &[String]) {
        let Self::Cache(cache) = self else { return };
        let Ok(requests) = wait::<Array>(cache.keys()).await else { return };
        for request in requests.iter() {
            let address = property(&request, "url").and_then(|address| address.as_string());
            if let Some(address) = address.filter(|address| !addresses.contains(address)) {
                self.remove(&address).await;
            }
        }
    }

    /// Drops everything.
    pub(crate) async fn clear(&self) {
        self.keep_only(&[]).await;
    }

    async fn response(&self, address: &str) -> Option<Response> {
        match self {
            Self::Cache(cache) => wait(cache.match_with_str(address)).await.ok(),
            Self::Memory => None,
        }
    }
}

async fn open_cache(name: &str) -> Option<Cache> {
    let caches: CacheStorage = property(&js_sys::global(), "caches")?.unchecked_into();
    wait(caches.open(name)).await.ok()
}

fn response(bytes: &Uint8Array, content_type: &str) -> Result<Response, JsValue> {
    let headers = Object::new();
    Reflect::set(&headers, &"content-type".into(), &content_type.into())?;
    let init = Object::new();
    Reflect::set(&init, &"headers".into(), &headers)?;
    Response::new_with_opt_js_u8_array_and_init(Some(bytes), init.unchecked_ref())
}
