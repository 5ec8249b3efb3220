//! What the last text took, and what the model holds.

use frugal_ui::figure::{bytes_text, wall_text};
use frugal_ui::shared::live;
use frugal_wire::{LoadedModel, TimelineView};
use leptos::prelude::*;

use super::engine::EngineState;
use super::state::{Stage, State};

type Rows = Vec<(&'static str, &'static str, String)>;

/// The panel.
#[component]
pub(super) fn Cost(state: State) -> impl IntoView {
    let gpu = move || match state.engine.state.get() {
        EngineState::Ready { gpu: Ok(name), .. } => name,
        EngineState::Ready { gpu: Err(reason), .. } => format!("not used: {reason}"),
        _ => "being looked for".to_owned(),
    };
    view! {
        <aside class="panel model-cost" aria-label="What it took" data-testid="model-cost">
            <h2>"What it took"</h2>
            {live(move || match state.timeline.get() {
                Some(timeline) => figures(took(&timeline)).into_any(),
                None => view! { <p class="small muted">"Nothing is written yet."</p> }.into_any(),
            })}
            <h2>"What it holds"</h2>
            {live(move || match state.stage.get() {
                Stage::Loaded(model) => figures(holds(&model)).into_any(),
                _ => view! { <p class="small muted">"No model is loaded."</p> }.into_any(),
            })}
            <p class="small muted">"WebGPU: " <span data-testid="model-gpu">{gpu}</span></p>
        </aside>
    }
}

fn figures(rows: Rows) -> impl IntoView {
    let row = |(name, words, value): (&'static str, &'static str, String)| {
        view! { <div><dt>{words}</dt><dd class="number" data-testid=format!("figure-{name}")>{value}</dd></div> }
    };
    view! { <dl class="model-figures">{rows.into_iter().map(row).collect_view()}</dl> }
}

fn time(ms: Option<f64>) -> String {
    ms.map_or_else(|| "–".to_owned(), wall_text)
}

fn took(timeline: &TimelineView) -> Rows {
    let rate = timeline
        .tokens_per_second
        .map_or_else(|| "–".to_owned(), |rate| if rate < 100.0 { format!("{rate:.1}") } else { format!("{rate:.0}") });
    let energy = timeline.energy_joules.map_or_else(|| "not measured".to_owned(), |joules| format!("{joules:.2} J"));
    vec![
        ("tokens", "Tokens", timeline.tokens.to_string()),
        ("rate", "Tokens a second, from the second on", rate),
        ("first", "To the first token", time(timeline.first_token_ms)),
        ("prefill", "Reading the prompt", time(timeline.prefill_ms)),
        ("prompt", "Tokens of the prompt", timeline.prompt_tokens.to_string()),
        ("p50", "A token, median", time(timeline.token_p50_ms)),
        ("p90", "A token, 90th percentile", time(timeline.token_p90_ms)),
        ("p99", "A token, 99th percentile", time(timeline.token_p99_ms)),
        ("queue", "Waiting", time(timeline.queue_ms)),
        ("energy", "Energy", energy),
    ]
}

fn holds(model: &LoadedModel) -> Rows {
    vec![
        ("weights", "Weights", bytes_text(model.weights_bytes)),
        ("cache", "Keys and values", bytes_text(model.cache_bytes)),
        ("scratch", "Activations", bytes_text(model.scratch_bytes)),
        ("backend", "Computed by", model.backend.clone()),
    ]
}
