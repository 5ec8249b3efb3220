//! The worker's desk: one model, the requests of one page.

use std::collections::HashMap;
use std::future::poll_fn;
use std::task::Poll;

use frugal_session::{Event, Prompt, Request, RequestId, Sampling, Session, SessionError, Timeline};
use frugal_wire::{
    FromModel, GenerateRequest, HeldAs, JobId, ModelPlace, ModelPrompt, TimelineView, ToModel, WIRE_VERSION,
};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;

use super::load::{End, Loading};
use super::place::{Found, Manifest};
use super::turn::Turns;
use super::{Problem, Stopped};
use crate::scope::{now_ms, post, property, scope};
use crate::storage::Storage;

const CACHE: &str = "frugal-models-1";

/// Everything that the worker holds.
pub(super) struct Desk {
    base_url: String,
    manifest: Manifest,
    storage: Storage,
    stopped: Stopped,
    session: Option<Session>,
    asked: HashMap<RequestId, JobId>,
}

impl Desk {
    pub(super) fn new(stopped: Stopped) -> Self {
        Self {
            base_url: String::new(),
            manifest: Manifest::default(),
            storage: Storage::Memory,
            stopped,
            session: None,
            asked: HashMap::new(),
        }
    }

    /// Answers messages, and computes between them.
    pub(super) async fn work(mut self, mut inbox: UnboundedReceiver<ToModel>) {
        let turns = Turns::new();
        let mut events = Vec::new();
        loop {
            if self.asked.is_empty() {
                let Some(message) = inbox.next().await else { return };
                self.handle(message).await;
            }
            while let Ok(message) = inbox.try_recv() {
                self.handle(message).await;
            }
            self.step(&mut events).await;
            for (id, event) in events.drain(..) {
                self.tell(id, event);
            }
            if let Some(turns) = &turns {
                turns.take().await;
            }
        }
    }

    async fn handle(&mut self, message: ToModel) {
        match message {
            ToModel::Start { wire_version: _, base_url } => self.start(base_url).await,
            ToModel::Inspect { id, place, held } => {
                let answer = match self.loading(id).inspect(&place, held).await {
                    Ok(about) => FromModel::Inspected { id, about: Box::new(about) },
                    Err(problem) => failed(id, &problem),
                };
                post(&answer);
            }
            ToModel::Load { id, place, held } => self.load(id, &place, held).await,
            ToModel::Generate(request) => self.generate(*request),
            ToModel::Cancel { id } => {
                self.stopped.borrow_mut().remove(&id);
                self.cancel(id);
            }
            ToModel::Forget { place } => self.forget(&place).await,
        }
    }

    async fn start(&mut self, base_url: String) {
        self.storage = Storage::open(CACHE).await;
        self.manifest = Manifest::read(&base_url).await;
        self.base_url = base_url;
        // An adapter is asked for when a model is loaded; that it is offered costs nothing to know.
        let gpu = match property(&scope().navigator(), "gpu") {
            Some(_) => Ok("offered by this browser".to_owned()),
            None => Err("this browser offers none here".to_owned()),
        };
        post(&FromModel::Ready { wire_version: WIRE_VERSION, shipped: self.manifest.shipped(), gpu });
    }

    fn loading(&self, id: JobId) -> Loading<'_> {
        let Self { base_url, manifest, storage, stopped, .. } = self;
        Loading { id, base_url, manifest, storage, stopped }
    }

    async fn load(&mut self, id: JobId, place: &ModelPlace, held: HeldAs) {
        for job in self.asked.values().copied().collect::<Vec<_>>() {
            self.cancel(job);
        }
        // Two models at once might not fit.
        self.session = None;
        match self.loading(id).load(place, held).await {
            Ok((session, model)) => {
                self.session = Some(session);
                post(&FromModel::Loaded { id, model: Box::new(model) });
            }
            Err(End::Stopped) => post(&FromModel::Cancelled { id }),
            Err(End::Problem(problem)) => post(&failed(id, &problem)),
        }
    }

    async fn forget(&mut self, place: &ModelPlace) {
        if let Ok(found) = Found::read(place, &self.base_url, &self.manifest).await {
            for remote in &found.weights {
                remote.forget(&self.storage).await;
            }
        }
        post(&FromModel::Forgotten);
    }

    fn generate(&mut self, request: GenerateRequest) {
        let id = request.id;
        let Some(session) = &mut self.session else {
            post(&failed(id, &Problem::new("no model is loaded", "Load one first.")));
            return;
        };
        match session.submit(asked(request), now_ms()) {
            Ok(request) => {
                self.asked.insert(request, id);
            }
            Err(error) => post(&failed(id, &problem(&error))),
        }
    }

    fn cancel(&mut self, id: JobId) {
        let Some(request) = self.asked.iter().find(|(_, job)| **job == id).map(|(request, _)| *request) else { return };
        if let Some(event) = self.session.as_mut().and_then(|session| session.cancel(request)) {
            self.tell(request, event);
        }
    }

    /// One step of the model: at once on the processor, when the device has done it elsewhere.
    async fn step(&mut self, events: &mut Vec<(RequestId, Event)>) {
        let (Some(session), false) = (&mut self.session, self.asked.is_empty()) else { return };
        poll_fn(|context| match session.poll(context, &mut now_ms, events) {
            // What was told already is passed on before the rest comes.
            Poll::Pending if events.is_empty() => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
    }

    fn tell(&mut self, request: RequestId, event: Event) {
        let Some(id) = self.asked.get(&request).copied() else { return };
        let (message, is_last) = match event {
            Event::Prefill { done, of } => (FromModel::Prefill { id, done: count(done), of: count(of) }, false),
            Event::Token { text, .. } => (FromModel::Text { id, text }, false),
            Event::Finished { reason, text, timeline } => {
                let timeline = timeline.map(|timeline| Box::new(shown(&timeline)));
                (FromModel::Finished { id, reason: reason.name().to_owned(), text, timeline }, true)
            }
            Event::Failed(error) => {
                if matches!(error, SessionError::Backend(_)) {
                    // The device is gone, and the model with it.
                    self.session = None;
                }
                (failed(id, &problem(&error)), true)
            }
        };
        if is_last {
            self.asked.remove(&request);
        }
        post(&message);
    }
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn asked(request: GenerateRequest) -> Request {
    let GenerateRequest { id: _, prompt, max_tokens, temperature, top_k, top_p, seed, stop } = request;
    let prompt = match prompt {
        ModelPrompt::Text(text) => Prompt::Text { text, special: true },
        ModelPrompt::Chat(messages) => Prompt::Chat(
            messages
                .into_iter()
                .map(|message| serde_json::json!({ "role": message.role, "content": message.content }))
                .collect(),
        ),
    };
    let top_k = top_k.map(|k| k as usize);
    let sampling = Sampling { temperature, top_k, top_p, seed, ..Sampling::GREEDY };
    Request { prompt, max_tokens: max_tokens as usize, sampling, stop, logprobs: None }
}

fn shown(timeline: &Timeline) -> TimelineView {
    TimelineView {
        queue_ms: timeline.queue_ms,
        prefill_ms: timeline.prefill_ms,
        first_token_ms: timeline.first_token_ms,
        token_p50_ms: timeline.token_p50_ms,
        token_p90_ms: timeline.token_p90_ms,
        token_p99_ms: timeline.token_p99_ms,
        tokens_per_second: timeline.tokens_per_second,
        prompt_tokens: count(timeline.prompt_tokens),
        tokens: count(timeline.tokens),
        energy_joules: timeline.energy_joules,
    }
}

fn problem(error: &SessionError) -> Problem {
    let hint = match error {
        SessionError::QueueFull { .. } => "Wait for the text that is being written, or stop it.",
        SessionError::Backend(_) => "Load the model again.",
        SessionError::Model(_) => "Load the model again, from where it was published.",
        _ => "Change what is asked for.",
    };
    Problem::new(error, hint)
}

fn failed(id: JobId, problem: &Problem) -> FromModel {
    FromModel::Failed { id: Some(id), message: problem.message.clone(), hint: problem.hint.to_owned() }
}
