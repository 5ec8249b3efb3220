//! The worker of this page: starts it, sends it jobs, hands its events to whoever asked.

use std::collections::HashMap;

use frugal_ui::DownloadView;
use frugal_wire::{
    EvaluateRequest, EvaluationOptions, GuestStatus, InputFile, JobId, Language, Limits, Program, Ready, RunRequest,
    RunView, Start, StorageMode, ToWorker, WIRE_VERSION, WireError, WorkerEvent, decode, encode, spawn_worker,
};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use crate::{EvaluationRow, EvaluationSummary, site};

/// Most runners a page asks for, whatever the machine has.
const RUNNERS_MAX: f64 = 4.0;
/// How long a worker may take to answer Stop before it counts as dead. It never blocks for a run, but writing the
/// report of a large benchmark takes it a while.
const STOP_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
/// What to do about a worker that is gone.
const HINT_AGAIN: &str = "Run again: a fresh worker starts then.";

/// Where the worker stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EngineState {
    /// Not started.
    Asleep,
    /// Being set up.
    Starting,
    /// Takes jobs.
    Ready(Ready),
    /// Ended; the next job starts another. What happened, and what to do.
    Crashed(String),
    /// Cannot be used; what to do about it.
    Broken(String),
}

/// What happens to one job.
#[derive(Debug, Clone)]
pub(crate) enum JobEvent {
    /// Steps done, steps in all (0 = unknown), and what is going on.
    Progress(u32, u32, String),
    /// A run's end.
    Run(Box<RunView>, String),
    /// One sample's verdict.
    Row(EvaluationRow),
    /// A benchmark's end.
    Evaluation(Box<EvaluationSummary>),
    /// Stopped by the person.
    Cancelled,
    /// Could not be carried out: what went wrong, what to do.
    Failed(String, String),
}

impl JobEvent {
    fn is_last(&self) -> bool {
        !matches!(self, Self::Progress(..) | Self::Row(_))
    }
}

type Listener = Callback<JobEvent>;
type Message = WorkerEvent<EvaluationRow, EvaluationSummary>;

/// The one worker of this page. A handle: copies are the same worker.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    worker: StoredValue<Option<Worker>, LocalStorage>,
    listeners: StoredValue<HashMap<JobId, Listener>>,
    last_id: StoredValue<JobId>,
    offered: StoredValue<Vec<GuestStatus>>,
    /// Where it stands.
    pub(crate) state: RwSignal<EngineState>,
    /// The guest on its way, if any.
    pub(crate) download: RwSignal<Option<DownloadView>>,
}

impl Engine {
    /// The worker, not started yet.
    pub(crate) fn new() -> Self {
        Self {
            worker: StoredValue::new_local(None),
            listeners: StoredValue::new(HashMap::new()),
            last_id: StoredValue::new(0),
            state: RwSignal::new(EngineState::Asleep),
            download: RwSignal::new(None),
            offered: StoredValue::new(site::offered_guests()),
        }
    }

    /// Starts the worker unless it is started: at the first sign of a person, so that the first load stays small.
    pub(crate) fn wake(self) {
        if self.state.get_untracked() == EngineState::Asleep {
            self.start();
        }
    }

    fn start(self) {
        self.state.set(EngineState::Starting);
        if let Err(problem) = self.spawn() {
            self.break_down(format!("The page cannot compute here: {problem}."));
        }
    }

    fn spawn(self) -> Result<(), WireError> {
        let worker = spawn_worker(&site::worker_module(), &site::worker_wasm().into(), "coordinator")?;
        let hear =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match decode::<Message>(event.data()) {
                Ok(message) => self.hear(message),
                Err(error) => self.break_down(error.to_string()),
            });
        worker.set_onmessage(Some(hear.into_js_value().unchecked_ref()));
        let fail = Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            event.prevent_default();
            // A script that cannot be loaded comes as a plain event, without a message.
            let said = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|said| said.as_string());
            let said = said.unwrap_or_else(|| "no reason was given".into());
            self.crash(&format!("The worker crashed ({said})."), HINT_AGAIN);
        });
        worker.set_onerror(Some(fail.into_js_value().unchecked_ref()));
        self.worker.set_value(Some(worker));
        let cores = window().navigator().hardware_concurrency();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and RUNNERS_MAX")]
        let runners = (cores - 1.0).clamp(1.0, RUNNERS_MAX) as u32;
        self.send(&ToWorker::Start(Start { wire_version: WIRE_VERSION, base_url: site::base_url(), runners }))
    }

    /// Ends the worker with its page.
    pub(crate) fn close(self) {
        self.end("The page was left.", HINT_AGAIN);
    }

    fn send(self, message: &ToWorker) -> Result<(), WireError> {
        let value = encode(message)?;
        self.worker.with_value(|worker| {
            worker
                .as_ref()
                .map_or(Ok(()), |worker| worker.post_message(&value))
                .map_err(|error| WireError::Worker(format!("{error:?}")))
        })
    }

    /// Gives the worker up for good: another of the same files would fare no better.
    fn break_down(self, message: String) {
        let hint = "Reload the page.";
        self.state.set(EngineState::Broken(format!("{message} {hint}")));
        self.end(&message, hint);
    }

    /// Gives this worker up; the next job starts another.
    fn crash(self, message: &str, hint: &str) {
        self.state.set(EngineState::Crashed(format!("{message} {hint}")));
        self.end(message, hint);
    }

    /// Ends the worker and tells everyone who waits for it.
    fn end(self, message: &str, hint: &str) {
        if let Some(worker) = self.worker.try_update_value(Option::take).flatten() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
        self.download.set(None);
        let waiting = self.listeners.try_update_value(std::mem::take).unwrap_or_default();
        for listener in waiting.into_values() {
            listener.try_run(JobEvent::Failed(message.to_owned(), hint.to_owned()));
        }
    }

    fn hear(self, message: Message) {
        match message {
            WorkerEvent::Ready(ready) if ready.wire_version != WIRE_VERSION => {
                self.break_down("The page and its worker are of different versions.".into());
            }
            WorkerEvent::Ready(ready) => self.state.set(EngineState::Ready(ready)),
            WorkerEvent::GuestDownload { language, stage, received_bytes, total_bytes } => {
                self.download.set(Some(DownloadView { language, stage, received_bytes, total_bytes }));
            }
            WorkerEvent::Progress { id, done, total, note } => self.tell(id, JobEvent::Progress(done, total, note)),
            WorkerEvent::RunFinished { id, view, report_json } => self.tell(id, JobEvent::Run(view, report_json)),
            WorkerEvent::EvaluationRow { id, row } => self.tell(id, JobEvent::Row(row)),
            WorkerEvent::EvaluationFinished { id, summary } => self.tell(id, JobEvent::Evaluation(summary)),
            WorkerEvent::Cancelled { id } => self.tell(id, JobEvent::Cancelled),
            WorkerEvent::Failed { id: Some(id), message, hint } => self.tell(id, JobEvent::Failed(message, hint)),
            WorkerEvent::Failed { id: None, message, hint } => self.crash(&format!("{message}."), &hint),
            WorkerEvent::GuestsForgotten => self.download.set(None),
        }
    }

    fn tell(self, id: JobId, event: JobEvent) {
        if event.is_last() {
            self.download.set(None);
        }
        let listener = self
            .listeners
            .try_update_value(|all| if event.is_last() { all.remove(&id) } else { all.get(&id).copied() })
            .flatten();
        if let Some(listener) = listener {
            // The page that asked may be gone.
            listener.try_run(event);
        }
    }

    fn submit(self, listener: Listener, make: impl FnOnce(JobId) -> ToWorker) -> JobId {
        if matches!(self.state.get_untracked(), EngineState::Asleep | EngineState::Crashed(_)) {
            self.start();
        }
        self.last_id.update_value(|id| *id += 1);
        let id = self.last_id.get_value();
        if let EngineState::Broken(message) = self.state.get_untracked() {
            listener.run(JobEvent::Failed(message, String::new()));
            return id;
        }
        self.listeners.update_value(|all| {
            all.insert(id, listener);
        });
        if self.send(&make(id)).is_err() {
            self.tell(
                id,
                JobEvent::Failed("The job could not be handed to the worker.".into(), "Reload the page.".into()),
            );
        }
        id
    }

    /// Runs one program.
    pub(crate) fn run(self, program: Program, limits: Limits, profile: bool, listener: Listener) -> JobId {
        self.submit(listener, |id| ToWorker::Run(RunRequest { id, program, limits, profile }))
    }

    /// Runs a benchmark.
    pub(crate) fn evaluate(
        self,
        problems: InputFile,
        samples: InputFile,
        options: EvaluationOptions,
        listener: Listener,
    ) -> JobId {
        self.submit(listener, |id| ToWorker::Evaluate(Box::new(EvaluateRequest { id, problems, samples, options })))
    }

    /// Shows a stored evaluation.
    pub(crate) fn open(self, file: InputFile, listener: Listener) -> JobId {
        self.submit(listener, |id| ToWorker::Open { id, file })
    }

    /// Stops a job; its last event follows.
    pub(crate) fn cancel(self, id: JobId) {
        let waits = move || self.listeners.try_with_value(|all| all.contains_key(&id)).unwrap_or(false);
        if !waits() {
            return;
        }
        // A worker that cannot be reached has already told every listener.
        let _ = self.send(&ToWorker::Cancel { id });
        let look_again = move || {
            if waits() {
                self.crash("The worker did not answer Stop, so it was ended.", HINT_AGAIN);
            }
        };
        set_timeout(look_again, STOP_PATIENCE);
    }

    /// Where guests are kept, once the worker has said so.
    pub(crate) fn storage(self) -> Option<StorageMode> {
        self.state.with(|state| match state {
            EngineState::Ready(ready) => Some(ready.storage),
            _ => None,
        })
    }

    /// Guests that can be had: as the worker says, until then as the page was built.
    pub(crate) fn guests(self) -> Vec<GuestStatus> {
        self.state.with(|state| match state {
            EngineState::Ready(ready) => ready.guests.clone(),
            _ => self.offered.get_value(),
        })
    }

    /// Languages that can run here.
    pub(crate) fn languages(self) -> Vec<Language> {
        let guests = self.guests();
        let has = |language: Language| guests.iter().any(|guest| guest.language == language.name());
        let all = [Language::Python, Language::Javascript, Language::Wat];
        all.into_iter().filter(|language| *language == Language::Wat || has(*language)).collect()
    }
}
