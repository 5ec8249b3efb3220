//! Where the fuel goes: a second run with marks, shown as a flamegraph, as tables and beside the lines.

use frugal_ui::LimitsFields;
use frugal_ui::shared::{flag, live, press, text};
use frugal_wire::{JobId, Language};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::TITLES;
use super::state::State;
use crate::engine::{Engine, JobEvent};
use crate::site;

#[wasm_bindgen]
extern "C" {
    /// The module that `app/web/boot/start.js` fetches on first use.
    #[wasm_bindgen(js_namespace = frugal, js_name = loadProfile, catch)]
    async fn load_profile() -> Result<JsValue, JsValue>;

    type Module;
    #[wasm_bindgen(method, catch)]
    fn show(this: &Module, host: &HtmlElement, report_json: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn speedscope(this: &Module, report_json: &str, name: &str) -> Result<String, JsValue>;
}

/// A profile. A handle.
#[derive(Clone, Copy)]
struct Work {
    state: State,
    engine: Engine,
    problem: RwSignal<Option<String>>,
    /// What is going on; empty for nothing.
    note: RwSignal<String>,
    /// The pane on show.
    pane: RwSignal<usize>,
    job: StoredValue<Option<JobId>>,
}

impl Work {
    fn start(self, pane: usize) {
        let limits = match self.state.limits.with_untracked(LimitsFields::limits) {
            Ok(limits) => limits,
            Err((field, message)) => {
                self.problem.set(Some(format!("Limit `{field}`: {message}")));
                return;
            }
        };
        self.problem.set(None);
        self.pane.set(pane);
        self.note.set("Running in this tab".into());
        let program = untrack(|| self.state.program(pane));
        let place = self.state.panes[pane].profile;
        place.set(String::new());
        let asked = program.clone();
        let listener = Callback::new(move |event| match event {
            JobEvent::Progress(_, _, note) => self.note.set(note),
            JobEvent::Row(_) | JobEvent::Evaluation(_) => {}
            JobEvent::Run(_, report_json) => {
                self.note.set(String::new());
                // Other code may stand there by now; its lines cost something else.
                if untrack(|| self.state.program(pane)) == asked {
                    place.set(report_json);
                }
            }
            JobEvent::Cancelled => self.note.set(String::new()),
            JobEvent::Failed(message, hint) => {
                self.note.set(String::new());
                self.problem.set(Some(format!("{message} {hint}")));
            }
        });
        self.job.set_value(Some(self.engine.run(program, limits, true, listener)));
    }

    fn stop(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            self.engine.cancel(job);
        }
    }

    fn report(self) -> String {
        self.state.panes[self.pane.get()].profile.get()
    }

    fn save(self) {
        let report = untrack(|| self.report());
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(module) = load_profile().await else { return };
            if let Ok(file) = module.unchecked_into::<Module>().speedscope(&report, "frugal") {
                site::save("frugal.speedscope.json", "application/json", &file);
            }
        });
    }
}

/// The folded panel between the results and the growth.
#[component]
pub(super) fn Profile(state: State) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let work = Work {
        state,
        engine,
        problem: RwSignal::default(),
        note: RwSignal::default(),
        pane: RwSignal::default(),
        job: StoredValue::new(None),
    };
    on_cleanup(move || work.stop());
    let host = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let (Some(host), report) = (host.get(), work.report()) else { return };
        if report.is_empty() {
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            match load_profile().await {
                Ok(module) if module.unchecked_ref::<Module>().show(&host, &report).is_ok() => {}
                _ => work.problem.set(Some("The view could not be loaded. Reload the page.".into())),
            }
        });
    });
    let busy = move || !work.note.with(String::is_empty);
    let none = move || work.report().is_empty();
    let button = move |pane: usize| {
        view! {
            <button type="button" data-testid=format!("profile-{pane}") disabled=flag(busy) on:click=press(move || work.start(pane))>
                {move || if state.comparing.get() { TITLES[pane] } else { "Find out" }}
            </button>
        }
    };
    view! {
        <details class="growth" data-testid="profile" hidden=flag(move || state.language.get() != Language::Python)>
            <summary>"Where the fuel goes"</summary>
            <p class="small muted">
                "Runs the code once more with marks between its lines, and tells what each function and line costs. It takes some ten to fifty times as long."
            </p>
            <div class="row growth-fields">
                {button(0)}
                {live(move || state.comparing.get().then(|| button(1)))}
                <button type="button" data-testid="profile-stop" disabled=flag(move || !busy()) on:click=press(move || work.stop())>
                    "Stop"
                </button>
                <button type="button" data-testid="profile-speedscope" disabled=flag(none) on:click=press(move || work.save())>
                    "Export for speedscope"
                </button>
                <button
                    type="button"
                    data-testid="profile-json"
                    disabled=flag(none)
                    on:click=press(move || site::save("frugal-run.json", "application/json", &untrack(|| work.report())))
                >
                    "Export JSON"
                </button>
            </div>
            <p role="status" class="small" data-testid="profile-note">{text(move || work.note.get())}</p>
            {live(move || work.problem.get().map(|message| view! { <p class="notice bad" role="alert" data-testid="profile-problem">{message}</p> }))}
            <div node_ref=host hidden=flag(none) data-testid="profile-view"></div>
        </details>
    }
}
