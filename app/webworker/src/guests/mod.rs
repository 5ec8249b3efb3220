//! The guests of this tab: fetched on first use, checked, kept, compiled once.

mod fetch;
mod manifest;
mod storage;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use frugal_browser::bundle;
use frugal_fuel::Language;
use frugal_wire::{GuestStage, GuestStatus, StorageMode, ToPage};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use js_sys::{Array, Promise, Uint8Array, WebAssembly};
use wasm_bindgen::JsValue;

use crate::scope::{post, text, wait};
use manifest::{TabGuest, TabManifest};
use storage::Storage;

/// The storage of guests; a service worker reads it by this name.
const CACHE: &str = "frugal-guests-1";

/// A guest that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GuestError {
    /// None for this language.
    #[error("this page offers no guest for {0}")]
    Unknown(Language),
    /// Could not be fetched, and is not kept here.
    #[error("{address} could not be fetched: {message}")]
    Fetch { address: String, message: String },
    /// Other bytes than the manifest says.
    #[error("{address} has other content than its digest says")]
    Digest { address: String },
    /// The file is not what it should be, or the browser refuses it.
    #[error("the guest for {language} cannot be used: {message}")]
    Unusable { language: Language, message: String },
}

impl GuestError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "Rebuild the page with its guests, or run this language on the server.",
            Self::Fetch { .. } => "Check the network and run again; once fetched, a guest works without one.",
            Self::Digest { .. } => "Run again. If it stays, the host serves a damaged copy of the page.",
            Self::Unusable { .. } => "Use a current browser; if this is one, report it with this message.",
        }
    }
}

/// A compiled guest, ready for runners.
#[derive(Debug)]
pub(crate) struct CompiledGuest {
    /// Which guest.
    pub(crate) guest: frugal_fuel::Guest,
    /// Array of `[name, WebAssembly.Module]`.
    pub(crate) modules: JsValue,
    /// Absolute address of the script that joins the modules.
    pub(crate) script_url: Option<String>,
}

type Loading = Shared<LocalBoxFuture<'static, Result<Rc<CompiledGuest>, GuestError>>>;

/// All guests of this tab.
pub(crate) struct GuestStore {
    folder_url: String,
    storage: Storage,
    manifest: TabManifest,
    loading: RefCell<BTreeMap<Language, Loading>>,
}

impl GuestStore {
    /// Reads which guests there are under `base_url`. A page without guests has none; that is no error.
    pub(crate) async fn open(base_url: &str) -> Self {
        let folder_url = format!("{base_url}guests/");
        let storage = Storage::open(CACHE).await;
        let manifest = manifest::read(&folder_url, &storage).await;
        Self { folder_url, storage, manifest, loading: RefCell::default() }
    }

    /// Where guests are kept.
    pub(crate) fn mode(&self) -> StorageMode {
        self.storage.mode()
    }

    /// Every guest, and whether it is kept here.
    pub(crate) async fn statuses(&self) -> Vec<GuestStatus> {
        let mut statuses = Vec::new();
        for guest in &self.manifest.guests {
            let mut kept = true;
            for file in guest.files() {
                kept &= self.storage.has(&self.address(&file.file)).await;
            }
            statuses.push(GuestStatus {
                language: guest.language.clone(),
                version: guest.version.clone(),
                sha256: guest.sha256.clone(),
                download_bytes: guest.files().map(|file| file.bytes).sum(),
                kept,
            });
        }
        statuses
    }

    /// The guests a job can name.
    pub(crate) fn guests(&self) -> Vec<frugal_fuel::Guest> {
        self.manifest.guests.iter().filter_map(TabGuest::guest).collect()
    }

    /// The compiled guest of a language: fetched and compiled at its first use, the same object after.
    pub(crate) async fn load(self: &Rc<Self>, language: Language) -> Result<Rc<CompiledGuest>, GuestError> {
        let loading = self.loading.borrow_mut().entry(language).or_insert_with(|| self.clone().start(language)).clone();
        let loaded = loading.await;
        if loaded.is_err() {
            self.loading.borrow_mut().remove(&language);
        }
        loaded
    }

    /// Deletes everything kept.
    pub(crate) async fn forget(&self) {
        self.loading.borrow_mut().clear();
        self.storage.clear().await;
    }

    fn start(self: Rc<Self>, language: Language) -> Loading {
        async move { self.load_now(language).await.map(Rc::new) }.boxed_local().shared()
    }

    async fn load_now(&self, language: Language) -> Result<CompiledGuest, GuestError> {
        let unusable = |message: String| GuestError::Unusable { language, message };
        let found = self.manifest.guests.iter().find_map(|tab| {
            let guest = tab.guest()?;
            (guest.language == language).then_some((tab, guest))
        });
        let Some((tab, guest)) = found else { return Err(GuestError::Unknown(language)) };
        let total_bytes = tab.files().map(|file| file.bytes).sum();
        let stage = |stage, received_bytes| {
            post(&ToPage::GuestDownload { language: language.to_string(), stage, received_bytes, total_bytes });
        };
        let script_url = match &tab.script {
            Some(script) => {
                let address = self.address(&script.file);
                fetch::file(&self.storage, &address, script, "text/javascript", &|_, _| ()).await?;
                Some(address)
            }
            None => None,
        };
        let script_bytes = total_bytes - tab.bundle.bytes;
        let address = self.address(&tab.bundle.file);
        let progress = |how, received_bytes| stage(how, script_bytes + received_bytes);
        let packed = fetch::file(&self.storage, &address, &tab.bundle, "application/octet-stream", &progress).await?;
        stage(GuestStage::Compiling, total_bytes);
        let inflated = fetch::inflate(&packed).await.map_err(|error| unusable(text(&error)))?;
        let modules = compile(&inflated).await.map_err(unusable)?;
        stage(GuestStage::Ready, total_bytes);
        Ok(CompiledGuest { guest, modules: modules.into(), script_url })
    }

    fn address(&self, file: &str) -> String {
        format!("{}{file}", self.folder_url)
    }
}

/// Compiles all modules of a bundle, as an array of `[name, module]`.
async fn compile(inflated: &Uint8Array) -> Result<Array, String> {
    let size = inflated.length();
    let head = inflated.subarray(0, size.min(u32::try_from(bundle::HEAD_MAX_BYTES).unwrap_or(u32::MAX))).to_vec();
    let index = bundle::index(&head, size as usize).map_err(|error| error.to_string())?;
    let compiling = Array::new();
    for (_, range) in &index {
        let offset = |at: usize| u32::try_from(at).map_err(|_| "a bundle above 4 GiB".to_owned());
        let code = inflated.subarray(offset(range.start)?, offset(range.end)?);
        compiling.push(&WebAssembly::compile(&code));
    }
    let compiled: Array = wait(Promise::all(&compiling)).await.map_err(|error| text(&error))?;
    Ok(index.iter().zip(compiled.iter()).map(|((name, _), module)| Array::of2(&name.into(), &module)).collect())
}
