//! What is asked, and what comes.

use frugal_ui::shared::{self, flag, live, press};
use frugal_wire::{ChatMessage, Input, Language, Limits, ShareState};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::state::{Stage, State};
use crate::site;

/// The panel.
#[component]
pub(super) fn Text(state: State) -> impl IntoView {
    let is_loaded = Memo::new(move |_| state.stage.with(|stage| matches!(stage, Stage::Loaded(_))));
    let has_chat =
        Memo::new(move |_| state.stage.with(|stage| matches!(stage, Stage::Loaded(model) if model.has_chat)));
    let ready = move || is_loaded.get() && !state.writing.get();
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter"
            && (event.ctrl_key() || event.meta_key())
            && is_loaded.get_untracked()
            && !state.writing.get_untracked()
        {
            event.prevent_default();
            state.generate();
        }
    };
    view! {
        <section class="panel model-text" aria-label="Text">
            <div class="row" hidden=flag(move || !has_chat.get())>
                {mode(state, false, "Go on from a text")}
                {mode(state, true, "Converse")}
            </div>
            {live(move || state.is_chat.get().then(|| view! { <Conversation state /> }))}
            <label for="model-prompt">{shared::text(move || if state.is_chat.get() { "Your message" } else { "Text to go on from" })}</label>
            <textarea
                id="model-prompt"
                class="code model-prompt"
                rows="5"
                spellcheck="false"
                data-testid="model-prompt"
                bind:value=state.prompt
                on:keydown=on_key
            ></textarea>
            <Parameters state />
            <div class="row">
                <button type="button" class="primary" data-testid="model-generate" disabled=flag(move || !ready()) on:click=press(move || state.generate())>
                    "Generate" <kbd aria-hidden="true">"Ctrl ⏎"</kbd>
                </button>
                <button type="button" data-testid="model-stop" disabled=flag(move || !state.writing.get()) on:click=press(move || state.stop())>
                    "Stop" <kbd aria-hidden="true">"Esc"</kbd>
                </button>
                <span class="small muted" role="status" data-testid="model-note">
                    {shared::text(move || if is_loaded.get() { state.note.get() } else { "Load a model first.".to_owned() })}
                </span>
            </div>
            {live(move || {
                state.problem.get().map(|text| view! { <p class="notice bad" role="alert" data-testid="model-problem">{text}</p> })
            })}
            <Written state />
        </section>
    }
}

fn mode(state: State, is_chat: bool, words: &'static str) -> impl IntoView {
    view! {
        <button
            type="button"
            aria-pressed=shared::text(move || (state.is_chat.get() == is_chat).to_string())
            data-testid=if is_chat { "model-mode-chat" } else { "model-mode-text" }
            on:click=press(move || state.is_chat.set(is_chat))
        >
            {words}
        </button>
    }
}

#[component]
fn Conversation(state: State) -> impl IntoView {
    let said = |message: ChatMessage| {
        view! {
            <div class="model-message" data-role=message.role.clone()>
                <h3>{if message.role == "user" { "You" } else { "The model" }}</h3>
                <pre>{message.content}</pre>
            </div>
        }
    };
    view! {
        <div data-testid="model-messages">
            {live(move || state.messages.get().into_iter().map(said).collect_view())}
            <button
                type="button"
                class="quiet"
                data-testid="model-clear"
                hidden=flag(move || state.messages.with(Vec::is_empty))
                on:click=press(move || state.messages.set(Vec::new()))
            >
                "Begin anew"
            </button>
        </div>
    }
}

#[component]
fn Parameters(state: State) -> impl IntoView {
    let field = |id: &'static str, label: &'static str, value: RwSignal<String>, hint: &'static str| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input id=id class="code short" autocomplete="off" placeholder=hint data-testid=id bind:value=value />
            </div>
        }
    };
    view! {
        <details>
            <summary data-testid="model-parameters">"Parameters"</summary>
            <div class="model-fields">
                {field("model-max-tokens", "Tokens", state.max_tokens, "")}
                {field("model-temperature", "Temperature", state.temperature, "0 = likeliest")}
                {field("model-top-k", "Top-k", state.top_k, "all")}
                {field("model-top-p", "Top-p", state.top_p, "")}
                {field("model-seed", "Seed", state.seed, "")}
                {field("model-stop-text", "Stop before", state.stop_text, "none")}
            </div>
        </details>
    }
}

/// The text as it comes, and what can be done with it.
#[component]
fn Written(state: State) -> impl IntoView {
    let any = Memo::new(move |_| state.output.with(|text| !text.is_empty()) || state.writing.get());
    let copied = RwSignal::new(false);
    let whole = move || {
        if state.is_chat.get_untracked() {
            state.messages.with_untracked(|all| all.last().map(|last| last.content.clone()).unwrap_or_default())
        } else {
            state.asked.get_untracked() + &state.output.get_untracked()
        }
    };
    let copy = move || {
        let text = whole();
        wasm_bindgen_futures::spawn_local(async move {
            let done = site::copy(&text).await.is_ok();
            let _ = copied.try_set(done);
        });
    };
    let ended = move || {
        !state.writing.get()
            && (state.output.with(|text| !text.is_empty()) || state.messages.with(|all| !all.is_empty()))
    };
    view! {
        <pre class="model-output" hidden=flag(move || !any.get()) data-testid="model-output" aria-label="Generated text" aria-live="off">
            <span class="muted">{shared::text(move || if state.is_chat.get() { String::new() } else { state.asked.get() })}</span>
            <span>{shared::text(move || state.output.get())}</span>
        </pre>
        <div class="row" hidden=flag(move || !ended())>
            <button type="button" data-testid="model-copy" on:click=press(copy)>
                {shared::text(move || if copied.get() { "Copied" } else { "Copy" })}
            </button>
            <button type="button" data-testid="model-again" on:click=press(move || state.again())>"Generate again"</button>
            <button type="button" data-testid="model-measure" on:click=press(move || measure(&whole()))>"Measure it as Python"</button>
        </div>
    }
}

/// Opens the text on the Code page, which runs it.
fn measure(source: &str) {
    let entry = source.lines().filter_map(|line| line.strip_prefix("def ")).find_map(|rest| rest.split('(').next());
    let input = Input::Call { entry: entry.unwrap_or("f").to_owned(), arguments_json: "[]".to_owned() };
    let state = ShareState {
        language: Language::Python,
        source: source.to_owned(),
        second_source: None,
        input,
        limits: Limits::default(),
    };
    if let Ok(fragment) = state.encode() {
        let _ = window().location().set_href(&site::share_url(&fragment));
    }
}
