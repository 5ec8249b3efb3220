//! Which model, how it is held, and how far its load is.

use frugal_ui::figure::{bytes_text, grouped, wall_text};
use frugal_ui::shared::{self, flag, live, press, typed};
use frugal_wire::{LoadedModel, LocalFile, ModelAbout, ShippedModel};
use leptos::html;
use leptos::prelude::*;

use super::engine::EngineState;
use super::settings::{BACKENDS, WEIGHTS};
use super::state::{Stage, State};

/// The panel.
#[component]
pub(super) fn Choose(state: State) -> impl IntoView {
    let shipped = Memo::new(move |_| match state.engine.state.get() {
        EngineState::Ready { shipped, .. } => shipped,
        _ => Vec::new(),
    });
    // The first shipped model is chosen until the person chooses another.
    Effect::new(move |_| {
        let first = shipped.with(|all| all.first().cloned());
        if let Some(ShippedModel { name, example, .. }) =
            first.filter(|_| state.source.with_untracked(String::is_empty))
        {
            state.source.set(name);
            if state.prompt.with_untracked(String::is_empty) {
                state.prompt.set(example);
            }
        }
    });
    let options = move || {
        let shown = |model: ShippedModel| {
            let size = bytes_text(model.download_bytes);
            view! { <option value=model.name>{model.title} ", " {size}</option> }
        };
        shipped.get().into_iter().map(shown).collect_view()
    };
    let about = move || {
        let source = state.source.get();
        shipped.with(|all| all.iter().find(|model| model.name == source).map(|model| model.about.clone()))
    };
    let idle = move || matches!(state.engine.state.get(), EngineState::Ready { .. }) && !state.is_loading();
    view! {
        <section class="panel" aria-label="Model">
            <div class="model-fields">
                <div class="field grow">
                    <label for="model-source">"Model"</label>
                    <select id="model-source" data-testid="model-source" prop:value=state.source on:change=typed(move |value| state.source.set(value))>
                        {live(options)}
                        <option value="address">"From an address of the web"</option>
                        <option value="files">"Files of yours"</option>
                    </select>
                </div>
                {choice("model-weights", "Weights held as", &WEIGHTS, state.weights)}
                {choice("model-backend", "Computed by", &BACKENDS, state.backend)}
                <div class="field">
                    <label for="model-context">"Context, tokens"</label>
                    <input id="model-context" class="code short" inputmode="numeric" autocomplete="off" data-testid="model-context" bind:value=state.context />
                </div>
            </div>
            {live(move || match state.source.get().as_str() {
                "address" => view! { <Address state /> }.into_any(),
                "files" => view! { <Files state /> }.into_any(),
                _ => view! { <p class="small muted model-about" data-testid="model-about">{about()}</p> }.into_any(),
            })}
            <div class="row">
                <button type="button" class="primary" data-testid="model-load" disabled=flag(move || !idle()) on:click=press(move || state.load())>
                    "Load"
                </button>
                <button type="button" data-testid="model-inspect" disabled=flag(move || !idle()) on:click=press(move || state.inspect())>
                    "Will it fit?"
                </button>
                <span class="small muted push" role="status" data-testid="model-forgotten">
                    {shared::text(move || if state.engine.forgotten.get() { "Deleted." } else { "" })}
                </span>
                <button type="button" class="quiet" data-testid="model-forget" disabled=flag(move || !idle()) on:click=press(move || state.forget())>
                    "Delete its download"
                </button>
            </div>
            <Stand state />
        </section>
    }
}

fn choice(
    id: &'static str,
    label: &'static str,
    options: &'static [(&'static str, &'static str)],
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id data-testid=id prop:value=value on:change=typed(move |chosen| value.set(chosen))>
                {options.iter().map(|(value, words)| view! { <option value=*value>{*words}</option> }).collect_view()}
            </select>
        </div>
    }
}

#[component]
fn Address(state: State) -> impl IntoView {
    view! {
        <div class="field model-about">
            <label for="model-address">"Address of a folder with config.json, tokenizer.json and model.safetensors, or of a .gguf file"</label>
            <input id="model-address" class="code" autocomplete="off" spellcheck="false" placeholder="https://host/models/name/" data-testid="model-address" bind:value=state.address />
        </div>
    }
}

/// Files keep their place on the person's disk; the worker reads them from there.
#[component]
fn Files(state: State) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let Some(list) = input.get().and_then(|input| input.files()) else { return };
        for old in state.files.get_untracked() {
            let _ = web_sys::Url::revoke_object_url(&old.address);
        }
        let files = (0..list.length()).filter_map(|at| {
            let file = list.get(at)?;
            let address = web_sys::Url::create_object_url_with_blob(&file).ok()?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole numbers")]
            let bytes = file.size() as u64;
            Some(LocalFile { name: file.name(), address, bytes })
        });
        state.files.set(files.collect());
    };
    let held = move || {
        let files = state.files.get();
        let bytes = files.iter().map(|file| file.bytes).sum();
        if files.is_empty() { String::new() } else { format!("{} files, {}", files.len(), bytes_text(bytes)) }
    };
    view! {
        <div class="field model-about">
            <label for="model-files">"config.json, tokenizer.json and the .safetensors files, or a .gguf file with its tokenizer.json"</label>
            <input id="model-files" type="file" multiple data-testid="model-files" node_ref=input on:change=chosen />
            <span class="small muted" data-testid="model-files-held">{held}</span>
        </div>
    }
}

/// What is known of the chosen model, and how far its load is.
#[component]
fn Stand(state: State) -> impl IntoView {
    live(move || match state.stage.get() {
        Stage::Idle => ().into_any(),
        Stage::Inspecting => view! { <p class="small muted" role="status">"Looking at it …"</p> }.into_any(),
        Stage::Known(about) => known(&about).into_any(),
        Stage::Loading { note, done_bytes, total_bytes } => loading(state, note, done_bytes, total_bytes).into_any(),
        Stage::Loaded(model) => loaded(&model).into_any(),
        Stage::Failed(message) => {
            view! { <p class="notice bad model-stand" role="alert" data-testid="model-failed">{message}</p> }.into_any()
        }
    })
}

fn known(about: &ModelAbout) -> impl IntoView + use<> {
    let fetch = match (about.download_bytes, about.kept_bytes) {
        (0, _) => "nothing to fetch: it is here already".to_owned(),
        (bytes, 0) => format!("{} to fetch", bytes_text(bytes)),
        (bytes, kept) => format!("{} to fetch, {} are kept here", bytes_text(bytes), bytes_text(kept)),
    };
    let needs = bytes_text(about.weights_bytes + about.cache_bytes);
    let fits = if about.fits { "It fits" } else { "It does not fit" };
    let text = format!(
        "{} parameters ({}), {fetch}. {fits}: {needs} of memory, of {} that a worker can have.",
        grouped(about.parameters),
        about.architecture,
        bytes_text(about.limit_bytes)
    );
    let class = if about.fits { "notice model-stand" } else { "notice warn model-stand" };
    view! { <p class=class role="status" data-testid="model-fits" data-fits=about.fits.to_string()>{text}</p> }
}

fn loading(state: State, note: String, done_bytes: u64, total_bytes: u64) -> impl IntoView {
    let figures = (total_bytes > 0).then(|| format!(": {} of {}", bytes_text(done_bytes), bytes_text(total_bytes)));
    let bar = if total_bytes > 0 {
        view! { <progress aria-label="Model" max=total_bytes.to_string() value=done_bytes.to_string()></progress> }
            .into_any()
    } else {
        view! { <progress aria-label="Model"></progress> }.into_any()
    };
    view! {
        <div class="model-stand" data-testid="model-loading">
            <div class="row">
                <span role="status" class="small">{note} {figures}</span>
                <button type="button" class="quiet push" data-testid="model-cancel" on:click=press(move || state.stop())>"Cancel"</button>
            </div>
            {bar}
        </div>
    }
}

fn loaded(model: &LoadedModel) -> impl IntoView + use<> {
    let text = format!(
        "{} is loaded: {} parameters, {} tokens of context, on {}, after {}.",
        model.title,
        grouped(model.parameters),
        model.context,
        model.backend,
        wall_text(model.load_ms)
    );
    let note = |note: String| view! { <li>{note}</li> };
    view! {
        <div class="model-stand">
            <p class="notice" role="status" data-testid="model-loaded">{text}</p>
            {model.choice.clone().map(|choice| view! { <p class="small muted" data-testid="model-choice">{choice}</p> })}
            {(!model.notes.is_empty())
                .then(|| view! { <ul class="small muted">{model.notes.clone().into_iter().map(note).collect_view()}</ul> })}
        </div>
    }
}
