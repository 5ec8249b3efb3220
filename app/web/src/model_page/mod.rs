//! What a model writes, and what that takes.

mod choose;
mod cost;
mod engine;
mod settings;
mod state;
mod text;

use frugal_ui::shared::live;
use leptos::prelude::*;

use crate::site;
use choose::Choose;
use cost::Cost;
use engine::{EngineState, ModelEngine};
use state::State;
use text::Text;

/// The page.
#[component]
pub(crate) fn Model() -> impl IntoView {
    let engine = ModelEngine::new();
    let state = State::new(engine);
    engine.start();
    on_cleanup(move || engine.stop());
    site::on_key(move |event| {
        if event.key() == "Escape" {
            state.stop();
        }
    });
    view! {
        <h1>"What does a model cost to run?"</h1>
        <p class="lede">
            "Choose a small model: it writes here, in this tab, and the page says what each token took. Nothing that you "
            "type leaves the tab; a model is fetched once and kept in this browser until you delete it."
        </p>
        {live(move || match engine.state.get() {
            EngineState::Broken(message) => {
                view! { <p class="notice bad" role="alert" data-testid="model-broken">{message}</p> }.into_any()
            }
            _ => ().into_any(),
        })}
        <div class="model-columns">
            <div>
                <Choose state />
                <Text state />
            </div>
            <Cost state />
        </div>
    }
}
