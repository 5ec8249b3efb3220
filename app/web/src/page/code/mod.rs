//! The Code page: write, run, compare, share.

mod file;
mod growth;
mod profile;
mod run;
mod share;
mod state;
mod write;

use frugal_report::OutcomeKind;
use frugal_ui::figure::{bytes_text, grouped};
use frugal_ui::shared::{flag, live, press, text, typed};
use frugal_ui::{Agreement, Comparison, Download, Editor, Examples, LimitsForm, RunResult, RunState, outcome_words};
use frugal_wire::{Language, StorageMode};
use leptos::prelude::*;

use self::file::OpenFile;
use self::growth::Growth;
use self::profile::Profile;
use self::run::Control;
use self::share::Share;
use self::state::{PANES, State};
use self::write::{WriteButton, WriteRoom};
use crate::app::ServerHealth;
use crate::engine::{Engine, EngineState};

/// Titles of the panes.
const TITLES: [&str; 2] = ["Solution A", "Solution B"];

/// The page.
#[component]
pub(crate) fn Code() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let state = State::open();
    state.keep();
    let control = Control::new(state, engine);
    crate::site::on_key(move |event| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            control.run();
        } else if event.key() == "Escape" && state.is_working() {
            control.stop();
        }
    });
    let link = window_event_listener(leptos::ev::hashchange, move |_| {
        control.leave();
        state.take_link();
    });
    on_cleanup(move || {
        link.remove();
        control.leave();
    });
    let lesson = move || state.lesson.get().map(|example| example.lesson);
    view! {
        <h1>"What does this code cost?"</h1>
        <p class="lede">
            "Press Run. Your browser counts every operation the code makes and gives one number, the same on every machine."
        </p>
        <Examples
            languages=Signal::derive(move || engine.languages())
            current=Signal::derive(move || state.lesson.get().map(|example| example.id))
            on_choose=Callback::new(move |example| {
                control.leave();
                state.teach(example);
            })
        />
        <p class="lesson" data-testid="lesson" hidden=flag(move || lesson().is_none())>{text(move || lesson().unwrap_or_default())}</p>
        <Notices state control engine />
        <Workspace state control engine />
        <Call state control />
        <Download view=engine.download />
        <Results state control />
        <Profile state />
        <Growth state />
        <LimitsForm fields=state.limits />
    }
}

/// What went wrong before a run.
#[component]
fn Notices(state: State, control: Control, engine: Engine) -> impl IntoView {
    let broken = move || match engine.state.get() {
        EngineState::Broken(message) | EngineState::Crashed(message) => Some(message),
        _ => None,
    };
    let notice = move |testid: &'static str, text: Option<String>| {
        text.map(|text| view! { <p class="notice bad" role="alert" data-testid=testid>{text}</p> })
    };
    view! {
        {live(move || notice("engine-problem", broken()))}
        {live(move || notice("link-problem", state.link_problem.get()))}
        {live(move || notice("run-problem", control.problem.get()))}
    }
}

/// Language, and the editors.
#[component]
fn Workspace(state: State, control: Control, engine: Engine) -> impl IntoView {
    let language_name = Signal::derive(move || state.language.get().name());
    let options = move || {
        let mut languages = engine.languages();
        // A link may speak a language whose guest is not here; the run says so.
        if !languages.contains(&state.language.get()) {
            languages.push(state.language.get());
        }
        let option = |language: Language| {
            view! {
                <option value=language.name() selected=flag(move || state.language.get() == language)>{title(language)}</option>
            }
        };
        languages.into_iter().map(option).collect_view()
    };
    let choose = move |name: String| {
        let all = [Language::Python, Language::Javascript, Language::Wat];
        if let Some(language) = all.into_iter().find(|language| language.name() == name) {
            control.leave();
            state.language.set(language);
            state.clear_results();
        }
    };
    let pane = move |index: usize| {
        let pane = state.panes[index];
        view! {
            <section class="pane" aria-label=TITLES[index] data-testid=format!("pane-{}", PANES[index])>
                <h2>{TITLES[index]}</h2>
                <Editor
                    text=pane.source
                    language=language_name
                    label=TITLES[index]
                    name=PANES[index]
                    costs=pane.profile
                    writing=Signal::derive(move || index == 0 && state.writing.get())
                    on_change=Callback::new(move |text| pane.source.set(text))
                />
            </section>
        }
    };
    let writer = RwSignal::new(false);
    view! {
        <div class="row workspace-bar">
            <label for="language">"Language"</label>
            <select id="language" data-testid="language" on:change=typed(choose)>{live(options)}</select>
            <button
                type="button"
                data-testid="compare"
                aria-pressed=text(move || state.comparing.get().to_string())
                on:click=press(move || state.comparing.update(|comparing| *comparing = !*comparing))
            >
                "Compare two"
            </button>
            <WriteButton state open=writer />
            <OpenFile state control />
            <Share state />
        </div>
        <WriteRoom state control open=writer />
        <div class="panes" class:two=state.comparing>
            {pane(0)}
            {live(move || state.comparing.get().then(|| pane(1)))}
        </div>
    }
}

fn title(language: Language) -> &'static str {
    match language {
        Language::Python => "Python",
        Language::Javascript => "JavaScript",
        Language::Wat => "WebAssembly text",
    }
}

/// How the code is entered, and the buttons that run it.
#[component]
fn Call(state: State, control: Control) -> impl IntoView {
    let program = Memo::new(move |_| state.whole_program.get() && state.language.get() != Language::Wat);
    let working = Memo::new(move |_| state.is_working());
    view! {
        <div class="call">
            <Mode state program />
            {live(move || if program.get() { view! { <Stdin state /> }.into_any() } else { view! { <Arguments state /> }.into_any() })}
            <div class="row call-buttons">
                <button type="button" class="primary" data-testid="run" disabled=working on:click=press(move || control.run())>
                    "Run" <kbd aria-hidden="true">"Ctrl ↵"</kbd>
                </button>
                <button type="button" data-testid="stop" disabled=flag(move || !working.get()) on:click=press(move || control.stop())>
                    "Stop" <kbd aria-hidden="true">"Esc"</kbd>
                </button>
            </div>
        </div>
        <Before state control />
    }
}

/// One function or the whole program; WebAssembly text has only functions.
#[component]
fn Mode(state: State, program: Memo<bool>) -> impl IntoView {
    let choose = move |name: String| state.whole_program.set(name == "program");
    view! {
        <div class="field" hidden=flag(move || state.language.get() == Language::Wat)>
            <label for="mode">"Measure"</label>
            <select id="mode" data-testid="mode" on:change=typed(choose)>
                <option value="function" selected=flag(move || !program.get())>"one function"</option>
                <option value="program" selected=flag(move || program.get())>"the whole program"</option>
            </select>
        </div>
    }
}

/// Standard input of a whole program.
#[component]
fn Stdin(state: State) -> impl IntoView {
    view! {
        <div class="field grow">
            <label for="stdin">"Standard input"</label>
            <textarea
                id="stdin"
                class="code"
                rows="2"
                data-testid="stdin"
                spellcheck="false"
                prop:value=text(move || state.stdin.get())
                on:input=typed(move |text| state.stdin.set(text))
            ></textarea>
        </div>
    }
}

/// The function to call and what it is given.
#[component]
fn Arguments(state: State) -> impl IntoView {
    let entry_label = move || if state.language.get() == Language::Wat { "Export" } else { "Function" };
    let field = move |id: &'static str, value: RwSignal<String>| {
        view! {
            <input
                id=id
                class="code"
                data-testid=id
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=text(move || value.get())
                on:input=typed(move |text| value.set(text))
            />
        }
    };
    view! {
        <div class="field">
            <label for="entry">{text(entry_label)}</label>
            {field("entry", state.entry)}
        </div>
        <div class="field grow">
            <label for="arguments">"Arguments, a JSON array"</label>
            {field("arguments", state.arguments)}
        </div>
    }
}

/// What is good to know before pressing Run: the size of a download, and the server where there is one.
#[component]
fn Before(state: State, control: Control) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let health = expect_context::<ServerHealth>().0;
    let size = move || {
        let name = state.language.get().name();
        let guest = engine.guests().into_iter().find(|guest| guest.language == name && !guest.kept)?;
        let size = bytes_text(guest.download_bytes);
        let kept = if engine.storage() == Some(StorageMode::Memory) { "" } else { "; it is then kept in this browser" };
        Some(format!("The first run fetches {} ({size}){kept}.", guest.version))
    };
    let unkept = move || engine.storage() == Some(StorageMode::Memory);
    let switch = move || {
        health.get().map(|health| {
            view! {
                <label class="server-switch" title=format!("Frugal {} with {}", health.version, health.engine)>
                    <input
                        type="checkbox"
                        data-testid="server"
                        prop:checked=flag(move || control.on_server.get())
                        on:change=move |event| control.on_server.set(event_target_checked(&event))
                    />
                    "Run it on the server too, and compare the integers"
                </label>
            }
        })
    };
    let used = move || matches!(state.panes[0].tab.get(), RunState::Done { .. });
    view! {
        <div class="before small muted">
            <span data-testid="guest-size">{text(move || size().filter(|_| !used()).unwrap_or_default())}</span>
            <span data-testid="storage" hidden=flag(move || !unkept())>
                "This page has no storage of its own here: what it fetches stays in memory and is gone when it closes."
            </span>
            {live(switch)}
        </div>
    }
}

/// Net fuel of a run that finished.
fn finished_fuel(state: &RunState) -> Option<u64> {
    state.view().filter(|view| view.outcome == OutcomeKind::Finished).map(|view| view.net_fuel)
}

/// One line for screen readers when a run ends.
fn announcement(state: State) -> String {
    let line = |index: usize| {
        state.panes[index].tab.with(|run| match run {
            RunState::Working(note) => note.clone(),
            RunState::Stopped => "Stopped.".into(),
            RunState::Failed { message, .. } => message.clone(),
            RunState::Done { view, .. } => {
                format!("{}: {}, {} fuel.", TITLES[index], outcome_words(view).1, grouped(view.net_fuel))
            }
            RunState::Idle => String::new(),
        })
    };
    (0..state.open_panes()).map(line).collect::<Vec<_>>().join(" ")
}

/// The results of the open panes.
#[component]
fn Results(state: State, control: Control) -> impl IntoView {
    let pair = Memo::new(move |_| {
        let both = state.comparing.get();
        let fuel = |index: usize| state.panes[index].tab.with(finished_fuel);
        both.then(|| fuel(0).zip(fuel(1))).flatten()
    });
    let save =
        Callback::new(|report_json: String| crate::site::save("frugal-run.json", "application/json", &report_json));
    let result = move |index: usize| {
        let pane = state.panes[index];
        let name = PANES[index];
        let agreement = Memo::new(move |_| pane.tab.with(finished_fuel).zip(pane.server.with(finished_fuel)));
        let server_name = if index == 0 { "server-a" } else { "server-b" };
        let on_server = move || pane.server.get() != RunState::Idle;
        view! {
            <div class="result panel" class:stale=state.stale>
                <h2>{TITLES[index]}</h2>
                <RunResult state=pane.tab name place="in this tab" on_save=save />
                <Agreement fuel=agreement name />
                {live(move || on_server().then(|| view! {
                    <details class="server-result" open=flag(move || agreement.get().is_none())>
                        <summary>"On the server"</summary>
                        <RunResult state=pane.server name=server_name place="on the server" on_save=save />
                    </details>
                }))}
            </div>
        }
    };
    let idle =
        move || state.panes.iter().all(|pane| pane.tab.with(|run| *run == RunState::Idle)) && !control.on_server.get();
    view! {
        <p class="hidden-text" role="status" aria-live="polite" data-testid="status">{text(move || announcement(state))}</p>
        <div class="results" hidden=flag(idle) data-testid="results">
            <p class="stale-note small muted" hidden=flag(move || !state.stale.get()) data-testid="stale">
                "Edited since this run."
            </p>
            <Comparison fuel=pair />
            <div class="panes" class:two=state.comparing>
                {result(0)}
                {live(move || state.comparing.get().then(|| result(1)))}
            </div>
        </div>
    }
}
