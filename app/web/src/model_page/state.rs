//! What the page holds.

use frugal_wire::{
    ChatMessage, GenerateRequest, JobId, LoadedModel, ModelAbout, ModelPlace, ModelPrompt, TimelineView,
};
use leptos::prelude::*;

use super::engine::{ModelEngine, ModelEvent};
use super::settings::{decimal, held, whole};

/// Where the chosen model stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// Nothing loaded.
    Idle,
    /// Being looked at.
    Inspecting,
    /// Known, not loaded.
    Known(Box<ModelAbout>),
    /// On its way.
    Loading { note: String, done_bytes: u64, total_bytes: u64 },
    /// Can be asked.
    Loaded(Box<LoadedModel>),
    /// Could not be had.
    Failed(String),
}

/// Fields and signals of the page. A handle.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) engine: ModelEngine,
    // The choice of a model.
    pub(super) source: RwSignal<String>,
    pub(super) address: RwSignal<String>,
    pub(super) files: RwSignal<Vec<frugal_wire::LocalFile>>,
    pub(super) backend: RwSignal<String>,
    pub(super) weights: RwSignal<String>,
    pub(super) context: RwSignal<String>,
    pub(super) stage: RwSignal<Stage>,
    load_job: StoredValue<Option<JobId>>,
    // What is asked.
    pub(super) is_chat: RwSignal<bool>,
    pub(super) prompt: RwSignal<String>,
    pub(super) max_tokens: RwSignal<String>,
    pub(super) temperature: RwSignal<String>,
    pub(super) top_k: RwSignal<String>,
    pub(super) top_p: RwSignal<String>,
    pub(super) seed: RwSignal<String>,
    pub(super) stop_text: RwSignal<String>,
    // What comes.
    pub(super) messages: RwSignal<Vec<ChatMessage>>,
    /// The prompt that `output` goes on from.
    pub(super) asked: RwSignal<String>,
    pub(super) output: RwSignal<String>,
    pub(super) note: RwSignal<String>,
    pub(super) problem: RwSignal<Option<String>>,
    pub(super) timeline: RwSignal<Option<TimelineView>>,
    pub(super) writing: RwSignal<bool>,
    text_job: StoredValue<Option<JobId>>,
}

fn field(text: &str) -> RwSignal<String> {
    RwSignal::new(text.to_owned())
}

impl State {
    pub(super) fn new(engine: ModelEngine) -> Self {
        Self {
            engine,
            source: field(""),
            address: field(""),
            files: RwSignal::new(Vec::new()),
            backend: field("auto"),
            weights: field("f32"),
            context: field("512"),
            stage: RwSignal::new(Stage::Idle),
            load_job: StoredValue::new(None),
            is_chat: RwSignal::new(false),
            prompt: field(""),
            max_tokens: field("128"),
            temperature: field("0"),
            top_k: field(""),
            top_p: field("1"),
            seed: field("0"),
            stop_text: field(""),
            messages: RwSignal::new(Vec::new()),
            asked: field(""),
            output: field(""),
            note: field(""),
            problem: RwSignal::new(None),
            timeline: RwSignal::new(None),
            writing: RwSignal::new(false),
            text_job: StoredValue::new(None),
        }
    }

    /// Where the chosen model is.
    pub(super) fn place(self) -> Result<ModelPlace, String> {
        match self.source.get_untracked().as_str() {
            "address" => {
                let address = self.address.get_untracked().trim().to_owned();
                if address.is_empty() {
                    return Err("Type the address of a model first.".to_owned());
                }
                Ok(ModelPlace::Address { address })
            }
            "files" => {
                let files = self.files.get_untracked();
                if files.is_empty() {
                    return Err("Choose the model's files first.".to_owned());
                }
                Ok(ModelPlace::Files { files })
            }
            "" => Err("Choose a model first.".to_owned()),
            name => Ok(ModelPlace::Shipped { name: name.to_owned() }),
        }
    }

    fn chosen(self) -> Result<(ModelPlace, frugal_wire::HeldAs), String> {
        let texts = (self.backend.get_untracked(), self.weights.get_untracked(), self.context.get_untracked());
        Ok((self.place()?, held(&texts.0, &texts.1, &texts.2)?))
    }

    pub(super) fn is_loading(self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Loading { .. } | Stage::Inspecting))
    }

    /// Says what the chosen model is made of.
    pub(super) fn inspect(self) {
        match self.chosen() {
            Ok((place, held)) => {
                self.stage.set(Stage::Inspecting);
                let job = self.engine.inspect(place, held, Callback::new(move |event| self.hear_load(event)));
                self.load_job.set_value(Some(job));
            }
            Err(message) => self.stage.set(Stage::Failed(message)),
        }
    }

    /// Loads the chosen model.
    pub(super) fn load(self) {
        match self.chosen() {
            Ok((place, held)) => {
                self.timeline.set(None);
                self.problem.set(None);
                self.stage.set(Stage::Loading { note: "starting".to_owned(), done_bytes: 0, total_bytes: 0 });
                let job = self.engine.load(place, held, Callback::new(move |event| self.hear_load(event)));
                self.load_job.set_value(Some(job));
            }
            Err(message) => self.stage.set(Stage::Failed(message)),
        }
    }

    /// Deletes what is kept of the chosen model.
    pub(super) fn forget(self) {
        if let Ok(place) = self.place() {
            self.engine.forget(place);
        }
    }

    fn hear_load(self, event: ModelEvent) {
        match event {
            ModelEvent::About(about) => self.stage.set(Stage::Known(about)),
            ModelEvent::Loading(note, done_bytes, total_bytes) => {
                self.stage.set(Stage::Loading { note, done_bytes, total_bytes });
            }
            ModelEvent::Loaded(model) => {
                if !model.has_chat {
                    self.is_chat.set(false);
                }
                self.stage.set(Stage::Loaded(model));
            }
            ModelEvent::Cancelled => self.stage.set(Stage::Idle),
            ModelEvent::Failed(message) => self.stage.set(Stage::Failed(message)),
            ModelEvent::Prefill(..) | ModelEvent::Text(_) | ModelEvent::Finished(..) => {}
        }
    }

    /// Stops whatever is under way.
    pub(super) fn stop(self) {
        let load = Some(self.load_job).filter(|_| self.is_loading());
        let text = Some(self.text_job).filter(|_| self.writing.get_untracked());
        for job in load.into_iter().chain(text).filter_map(|job| job.get_value()) {
            self.engine.cancel(job);
        }
    }

    /// Asks for text.
    pub(super) fn generate(self) {
        match self.request() {
            Ok(make) => {
                self.problem.set(None);
                self.timeline.set(None);
                self.output.set(String::new());
                self.note.set(String::new());
                self.writing.set(true);
                let job = self.engine.generate(make, Callback::new(move |event| self.hear_text(event)));
                self.text_job.set_value(Some(job));
            }
            Err(message) => self.problem.set(Some(message)),
        }
    }

    /// Asks again for the last answer of a conversation, or for the same text.
    pub(super) fn again(self) {
        if self.is_chat.get_untracked() {
            let last = self.messages.try_update(|all| {
                all.pop_if(|message| message.role == "assistant");
                all.pop()
            });
            if let Some(last) = last.flatten() {
                self.prompt.set(last.content);
            }
        }
        self.generate();
    }

    fn request(self) -> Result<impl FnOnce(JobId) -> GenerateRequest, String> {
        let max_tokens = whole("Tokens", &self.max_tokens.get_untracked(), 1, 1 << 20)?;
        let temperature = decimal("Temperature", &self.temperature.get_untracked(), 0.0, 100.0)?;
        let top_p = decimal("Top-p", &self.top_p.get_untracked(), 0.001, 1.0)?;
        let top_k = self.top_k.get_untracked();
        let top_k = if top_k.trim().is_empty() { None } else { Some(whole("Top-k", &top_k, 1, 1 << 20)?) };
        let seed =
            self.seed.get_untracked().trim().parse::<u64>().map_err(|_| "Seed: type a whole number.".to_owned())?;
        let stop = Some(self.stop_text.get_untracked()).filter(|stop| !stop.is_empty()).into_iter().collect();
        let text = self.prompt.get_untracked();
        if text.trim().is_empty() {
            return Err("Type something to go on from.".to_owned());
        }
        let prompt = if self.is_chat.get_untracked() {
            self.messages.update(|all| all.push(ChatMessage { role: "user".to_owned(), content: text }));
            self.prompt.set(String::new());
            ModelPrompt::Chat(self.messages.get_untracked())
        } else {
            self.asked.set(text.clone());
            ModelPrompt::Text(text)
        };
        Ok(move |id| GenerateRequest { id, prompt, max_tokens, temperature, top_k, top_p, seed, stop })
    }

    fn hear_text(self, event: ModelEvent) {
        match event {
            ModelEvent::Prefill(done, of) => self.note.set(format!("reading the prompt: {done} of {of} tokens")),
            ModelEvent::Text(text) => {
                if self.note.with_untracked(|note| !note.is_empty()) {
                    self.note.set(String::new());
                }
                self.output.update(|all| all.push_str(&text));
            }
            ModelEvent::Finished(reason, rest, timeline) => {
                self.output.update(|all| all.push_str(&rest));
                self.timeline.set(timeline.map(|timeline| *timeline));
                self.end(&reason);
            }
            ModelEvent::Failed(message) => {
                self.problem.set(Some(message));
                self.end("");
            }
            ModelEvent::Cancelled => self.end("cancelled"),
            ModelEvent::About(_) | ModelEvent::Loading(..) | ModelEvent::Loaded(_) => {}
        }
    }

    fn end(self, reason: &str) {
        self.writing.set(false);
        self.note.set(
            match reason {
                "length" => "ended: as many tokens as asked for",
                "context_full" => "ended: the context is full",
                "stop_string" => "ended: the stop text came",
                "cancelled" => "stopped",
                "end" => "ended by the model",
                _ => "",
            }
            .to_owned(),
        );
        if self.is_chat.get_untracked() {
            let content = self.output.get_untracked();
            self.output.set(String::new());
            if !content.is_empty() {
                self.messages.update(|all| all.push(ChatMessage { role: "assistant".to_owned(), content }));
            }
        }
    }
}
