//! "Let the model write it": the door through which a shipped model writes into the first editor.
//!
//! The panel itself is `app/web/writer/writer.mjs`, fetched when a person asks for it, and the model lives in the Model
//! page's worker: of neither anything comes with the first load.

use frugal_ui::shared::{flag, live, press, text};
use frugal_wire::{Language, WIRE_VERSION, spawn_worker};
use js_sys::{Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::run::Control;
use super::state::State;
use crate::site;

#[wasm_bindgen]
extern "C" {
    /// The module that `app/web/boot/start.js` fetches on first use.
    #[wasm_bindgen(js_namespace = frugal, js_name = loadWriter, catch)]
    async fn load_writer() -> Result<JsValue, JsValue>;
    /// Size of the engine's WebAssembly, in bytes.
    #[wasm_bindgen(js_namespace = frugal, js_name = modelWorkerBytes)]
    fn model_worker_bytes() -> f64;

    type Module;
    #[wasm_bindgen(method, catch)]
    async fn open(this: &Module, host: &HtmlElement, door: &JsValue) -> Result<JsValue, JsValue>;

    #[derive(Clone)]
    type Panel;
    #[wasm_bindgen(method)]
    fn close(this: &Panel);
}

/// What stood on the page before the model wrote.
#[derive(Clone)]
struct Before {
    source: String,
    entry: String,
    arguments: String,
    whole_program: bool,
}

/// The model's work on the page. A handle.
#[derive(Clone, Copy)]
struct Writing {
    state: State,
    control: Control,
    before: StoredValue<Option<Before>>,
    /// The whole text, as the model left it last.
    written: StoredValue<String>,
}

impl Writing {
    /// The editor's text is the model's from here on. What it writes below: nothing, where an example or blanks stand.
    fn begin(self) -> String {
        let Self { state, .. } = self;
        self.control.leave();
        let before = untrack(|| Before {
            source: state.panes[0].source.get(),
            entry: state.entry.get(),
            arguments: state.arguments.get(),
            whole_program: state.whole_program.get(),
        });
        let source = before.source.clone();
        let is_example = state.lesson.with_untracked(|lesson| lesson.is_some_and(|lesson| lesson.source == source));
        self.before.set_value(Some(before));
        self.written.set_value(source.clone());
        state.writing.set(true);
        let kept = source.trim_end();
        if is_example || kept.is_empty() { String::new() } else { format!("{kept}\n\n\n") }
    }

    /// Puts the whole text in the editor. Whether it is still the model's to write: something else may stand there now.
    fn write(self, text: String) -> bool {
        let source = self.state.panes[0].source;
        let ours = source.with_untracked(|now| self.written.with_value(|written| now == written));
        if ours {
            self.written.set_value(text.clone());
            source.set(text);
        }
        ours
    }

    /// Nothing more comes. `entry` is the function to call, empty when there is none.
    fn end(self, entry: String, arguments: String) {
        let Self { state, .. } = self;
        let ours = state.panes[0].source.with_untracked(|now| self.written.with_value(|written| now == written));
        if ours && !entry.is_empty() {
            if state.entry.with_untracked(|now| *now != entry) {
                state.entry.set(entry);
                state.arguments.set(arguments);
            }
            state.whole_program.set(false);
        }
        state.writing.set(false);
    }

    /// What stood there before stands there again.
    fn back(self) {
        let Some(before) = self.before.try_update_value(Option::take).flatten() else { return };
        self.state.panes[0].source.set(before.source);
        self.state.entry.set(before.entry);
        self.state.arguments.set(before.arguments);
        self.state.whole_program.set(before.whole_program);
    }

    /// What the panel is handed.
    fn door(self) -> Result<JsValue, JsValue> {
        let door = Object::new();
        let put = |name: &str, value: JsValue| Reflect::set(&door, &name.into(), &value).map(|_| ());
        put("baseUrl", site::base_url().into())?;
        put("wireVersion", WIRE_VERSION.into())?;
        put("workerBytes", model_worker_bytes().into())?;
        let spawn = || spawn_worker(&site::model_worker_module(), &site::model_worker_wasm().into(), "model");
        let spawn = move || spawn().map(JsValue::from).map_err(|error| JsError::new(&error.to_string()).into());
        put("spawn", Closure::<dyn FnMut() -> Result<JsValue, JsValue>>::new(spawn).into_js_value())?;
        put("begin", Closure::<dyn FnMut() -> String>::new(move || self.begin()).into_js_value())?;
        put("write", Closure::<dyn FnMut(String) -> bool>::new(move |text| self.write(text)).into_js_value())?;
        let end = move |entry, arguments| self.end(entry, arguments);
        put("end", Closure::<dyn FnMut(String, String)>::new(end).into_js_value())?;
        put("back", Closure::<dyn FnMut()>::new(move || self.back()).into_js_value())?;
        put("run", Closure::<dyn FnMut()>::new(move || self.control.run()).into_js_value())?;
        Ok(door.into())
    }
}

/// The button in the bar above the editors.
#[component]
pub(super) fn WriteButton(state: State, open: RwSignal<bool>) -> impl IntoView {
    let other = move || state.language.get() != Language::Python;
    view! {
        <button
            type="button"
            data-testid="write"
            title=text(move || if other() { "The model writes Python only" } else { "" })
            aria-expanded=text(move || open.get().to_string())
            disabled=flag(other)
            on:click=press(move || open.update(|open| *open = !*open))
        >
            "Let the model write it"
        </button>
    }
}

/// Room for the panel.
#[component]
pub(super) fn WriteRoom(state: State, control: Control, open: RwSignal<bool>) -> impl IntoView {
    let writing = Writing { state, control, before: StoredValue::new(None), written: StoredValue::default() };
    let panel = StoredValue::new_local(None::<Panel>);
    let room = NodeRef::<html::Div>::new();
    let problem = RwSignal::new(false);
    let close = move || {
        if let Some(panel) = panel.try_update_value(Option::take).flatten() {
            panel.close();
        }
    };
    let wanted = Memo::new(move |_| open.get() && state.language.get() == Language::Python);
    Effect::new(move |_| {
        let (Some(room), is_wanted) = (room.get(), wanted.get()) else { return };
        problem.set(false);
        if !is_wanted {
            close();
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            let opened = async {
                let module: Module = load_writer().await?.unchecked_into();
                module.open(&room, &writing.door()?).await
            };
            match opened.await {
                Ok(opened) => {
                    panel.set_value(Some(opened.unchecked_into()));
                    // It may have been closed meanwhile.
                    if wanted.try_get_untracked() != Some(true) {
                        close();
                    }
                }
                Err(_) => {
                    let _ = problem.try_set(true);
                }
            }
        });
    });
    on_cleanup(close);
    view! {
        {live(move || problem.get().then(|| view! {
            <p class="notice bad" role="alert" data-testid="writer-missing">
                "The model's part of the page could not be fetched. Check the connection, then press the button again."
            </p>
        }))}
        <div class="writer" node_ref=room></div>
    }
}
