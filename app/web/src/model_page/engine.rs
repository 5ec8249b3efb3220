//! The worker that runs models, as this page sees it.

use std::collections::HashMap;

use frugal_wire::{
    FromModel, GenerateRequest, HeldAs, JobId, LoadedModel, ModelAbout, ModelPlace, ShippedModel, TimelineView,
    ToModel, WIRE_VERSION, WireError, decode, encode, spawn_worker,
};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use crate::site;

/// Where the worker stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EngineState {
    /// Being set up.
    Starting,
    /// Takes jobs.
    Ready {
        /// Models that came with the page.
        shipped: Vec<ShippedModel>,
        /// Name of the WebGPU adapter, or why there is none.
        gpu: Result<String, String>,
    },
    /// Cannot be used; what to do about it.
    Broken(String),
}

/// What happens to one job.
#[derive(Debug, Clone)]
pub(crate) enum ModelEvent {
    /// What a model is made of.
    About(Box<ModelAbout>),
    /// What is going on; bytes done and in all (0 = unknown).
    Loading(String, u64, u64),
    /// A model can be asked.
    Loaded(Box<LoadedModel>),
    /// Prompt tokens read, and prompt tokens.
    Prefill(u32, u32),
    /// Text came.
    Text(String),
    /// A text ended: why, what waited, what it took.
    Finished(String, String, Option<Box<TimelineView>>),
    /// Stopped by the person.
    Cancelled,
    /// Could not be carried out.
    Failed(String),
}

impl ModelEvent {
    fn is_last(&self) -> bool {
        !matches!(self, Self::Loading(..) | Self::Prefill(..) | Self::Text(_))
    }
}

type Listener = Callback<ModelEvent>;

/// The one worker of this page. A handle: copies are the same worker.
#[derive(Clone, Copy)]
pub(crate) struct ModelEngine {
    worker: StoredValue<Option<Worker>, LocalStorage>,
    listeners: StoredValue<HashMap<JobId, Listener>>,
    last_id: StoredValue<JobId>,
    /// Where it stands.
    pub(crate) state: RwSignal<EngineState>,
    /// Whether what was kept has been deleted, since that was last asked for.
    pub(crate) forgotten: RwSignal<bool>,
}

impl ModelEngine {
    /// The worker, not started yet.
    pub(crate) fn new() -> Self {
        Self {
            worker: StoredValue::new_local(None),
            listeners: StoredValue::new(HashMap::new()),
            last_id: StoredValue::new(0),
            state: RwSignal::new(EngineState::Starting),
            forgotten: RwSignal::new(false),
        }
    }

    /// Starts it.
    pub(crate) fn start(self) {
        self.state.set(EngineState::Starting);
        if let Err(problem) = self.spawn() {
            self.break_down(&format!("The page cannot compute here: {problem}."));
        }
    }

    fn spawn(self) -> Result<(), WireError> {
        let worker = spawn_worker(&site::model_worker_module(), &site::model_worker_wasm().into(), "model")?;
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match decode::<FromModel>(event.data()) {
                Ok(message) => self.hear(message),
                Err(error) => self.break_down(&error.to_string()),
            }
        });
        worker.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
        let fail = Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            event.prevent_default();
            let said = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|said| said.as_string());
            let said = said.unwrap_or_else(|| "no reason was given".into());
            // A model too large for the memory of a tab ends like this.
            self.break_down(&format!("The worker crashed ({said})."));
        });
        worker.set_onerror(Some(fail.into_js_value().unchecked_ref()));
        self.worker.set_value(Some(worker));
        self.send(&ToModel::Start { wire_version: WIRE_VERSION, base_url: site::base_url() })
    }

    /// Ends it.
    pub(crate) fn stop(self) {
        if let Some(worker) = self.worker.try_update_value(Option::take).flatten() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
    }

    fn send(self, message: &ToModel) -> Result<(), WireError> {
        let value = encode(message)?;
        self.worker.with_value(|worker| {
            worker
                .as_ref()
                .map_or(Ok(()), |worker| worker.post_message(&value))
                .map_err(|error| WireError::Worker(format!("{error:?}")))
        })
    }

    fn break_down(self, message: &str) {
        self.stop();
        self.state.set(EngineState::Broken(format!("{message} Reload the page.")));
        let waiting = self.listeners.try_update_value(std::mem::take).unwrap_or_default();
        for listener in waiting.into_values() {
            listener.try_run(ModelEvent::Failed(message.to_owned()));
        }
    }

    fn hear(self, message: FromModel) {
        match message {
            FromModel::Ready { wire_version, .. } if wire_version != WIRE_VERSION => {
                self.break_down("The page and its worker are of different versions.");
            }
            FromModel::Ready { shipped, gpu, .. } => self.state.set(EngineState::Ready { shipped, gpu }),
            FromModel::Inspected { id, about } => self.tell(id, ModelEvent::About(about)),
            FromModel::Loading { id, note, done_bytes, total_bytes } => {
                self.tell(id, ModelEvent::Loading(note, done_bytes, total_bytes));
            }
            FromModel::Loaded { id, model } => self.tell(id, ModelEvent::Loaded(model)),
            FromModel::Prefill { id, done, of } => self.tell(id, ModelEvent::Prefill(done, of)),
            FromModel::Text { id, text } => self.tell(id, ModelEvent::Text(text)),
            FromModel::Finished { id, reason, text, timeline } => {
                self.tell(id, ModelEvent::Finished(reason, text, timeline));
            }
            FromModel::Cancelled { id } => self.tell(id, ModelEvent::Cancelled),
            FromModel::Failed { id: Some(id), message, hint } => {
                self.tell(id, ModelEvent::Failed(format!("{message}. {hint}")));
            }
            FromModel::Failed { id: None, message, .. } => self.break_down(&format!("{message}.")),
            FromModel::Forgotten => self.forgotten.set(true),
        }
    }

    fn tell(self, id: JobId, event: ModelEvent) {
        let is_last = event.is_last();
        let listener = self
            .listeners
            .try_update_value(|all| if is_last { all.remove(&id) } else { all.get(&id).copied() })
            .flatten();
        if let Some(listener) = listener {
            listener.try_run(event);
        }
    }

    fn submit(self, listener: Listener, make: impl FnOnce(JobId) -> ToModel) -> JobId {
        self.last_id.update_value(|id| *id += 1);
        let id = self.last_id.get_value();
        if let EngineState::Broken(message) = self.state.get_untracked() {
            listener.run(ModelEvent::Failed(message));
            return id;
        }
        self.listeners.update_value(|all| {
            all.insert(id, listener);
        });
        if let Err(error) = self.send(&make(id)) {
            self.tell(id, ModelEvent::Failed(error.to_string()));
        }
        id
    }

    /// Asks what a model is made of.
    pub(crate) fn inspect(self, place: ModelPlace, held: HeldAs, listener: Listener) -> JobId {
        self.submit(listener, |id| ToModel::Inspect { id, place, held })
    }

    /// Loads a model in place of the one that is loaded.
    pub(crate) fn load(self, place: ModelPlace, held: HeldAs, listener: Listener) -> JobId {
        self.submit(listener, |id| ToModel::Load { id, place, held })
    }

    /// Generates text.
    pub(crate) fn generate(self, make: impl FnOnce(JobId) -> GenerateRequest, listener: Listener) -> JobId {
        self.submit(listener, |id| ToModel::Generate(Box::new(make(id))))
    }

    /// Stops a job.
    pub(crate) fn cancel(self, id: JobId) {
        // A worker that cannot be told has failed its jobs already.
        let _ = self.send(&ToModel::Cancel { id });
    }

    /// Deletes what is kept of a model.
    pub(crate) fn forget(self, place: ModelPlace) {
        self.forgotten.set(false);
        let _ = self.send(&ToModel::Forget { place });
    }
}
