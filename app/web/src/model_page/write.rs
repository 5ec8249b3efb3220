//! A text by the first shipped model, for pages that only want the text.

use frugal_wire::{BackendChoice, GenerateRequest, HeldAs, ModelPlace, ModelPrompt, WeightStorage};
use js_sys::Function;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::engine::{EngineState, ModelEngine, ModelEvent};

/// Tokens of a function.
const MAX_TOKENS: u32 = 200;
const CONTEXT: u32 = 512;

/// Starts a worker, loads the model, writes, ends the worker. Gives a function that stops it.
pub(crate) fn write(prompt: String, on_text: Function, on_end: Function) -> Function {
    let owner = Owner::new();
    let job = owner.with(|| Job { engine: ModelEngine::new(), on_text, on_end, begun: StoredValue::new(false) });
    let stop = {
        let (job, owner) = (job.clone(), owner.clone());
        Closure::<dyn FnMut()>::new(move || owner.with(|| job.end(Some("stopped"))))
    };
    owner.with(|| {
        let watched = job.clone();
        Effect::new(move |_| match watched.engine.state.get() {
            EngineState::Starting => {}
            EngineState::Broken(message) => watched.end(Some(&message)),
            EngineState::Ready { shipped, .. } => match shipped.first() {
                Some(model) => watched.load(ModelPlace::Shipped { name: model.name.clone() }, prompt.clone()),
                None => watched.end(Some("this page ships no model")),
            },
        });
        job.engine.start();
    });
    // The worker and its listeners live until it has ended.
    std::mem::forget(owner);
    stop.into_js_value().unchecked_into()
}

#[derive(Clone)]
struct Job {
    engine: ModelEngine,
    on_text: Function,
    on_end: Function,
    begun: StoredValue<bool>,
}

impl Job {
    fn load(&self, place: ModelPlace, prompt: String) {
        if self.begun.get_value() {
            return;
        }
        self.begun.set_value(true);
        let held = HeldAs { backend: BackendChoice::Cpu, weights: WeightStorage::F32, context: CONTEXT };
        let job = SendWrapped::new(self.clone());
        self.engine.load(
            place,
            held,
            Callback::new(move |event| match event {
                ModelEvent::Loaded(_) => job.get().ask(prompt.clone()),
                ModelEvent::Failed(message) => job.get().end(Some(&message)),
                _ => {}
            }),
        );
    }

    fn ask(&self, prompt: String) {
        let make = move |id| GenerateRequest {
            id,
            prompt: ModelPrompt::Text(prompt),
            max_tokens: MAX_TOKENS,
            temperature: 0.0,
            top_k: None,
            top_p: 1.0,
            seed: 0,
            stop: Vec::new(),
        };
        let job = SendWrapped::new(self.clone());
        self.engine.generate(
            make,
            Callback::new(move |event| match event {
                ModelEvent::Text(text) => job.get().tell(&text),
                ModelEvent::Finished(_, text, _) => {
                    job.get().tell(&text);
                    job.get().end(None);
                }
                ModelEvent::Failed(message) => job.get().end(Some(&message)),
                _ => {}
            }),
        );
    }

    fn tell(&self, text: &str) {
        let _ = self.on_text.call1(&JsValue::UNDEFINED, &text.into());
    }

    fn end(&self, problem: Option<&str>) {
        self.engine.stop();
        let problem = problem.map_or(JsValue::UNDEFINED, Into::into);
        let _ = self.on_end.call1(&JsValue::UNDEFINED, &problem);
    }
}

/// A value of this thread inside a callback that asks for one of any; there is one thread.
struct SendWrapped(StoredValue<Job, LocalStorage>);

impl SendWrapped {
    fn new(job: Job) -> Self {
        Self(StoredValue::new_local(job))
    }

    fn get(&self) -> Job {
        self.0.get_value()
    }
}
