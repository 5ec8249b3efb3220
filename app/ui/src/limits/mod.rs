//! The limits of a run, as a person types them.

mod fields;

use leptos::prelude::*;

pub use self::fields::LimitsFields;
use crate::shared::{flag, text, typed};

/// The fields of the limits, folded away until wanted.
#[component]
pub fn LimitsForm(
    /// What stands in the fields.
    fields: RwSignal<LimitsFields>,
) -> impl IntoView {
    let problem = Memo::new(move |_| fields.with(|fields| fields.limits().err()));
    // A problem opens the fields; they close only when a person closes them, not under the hands of one who types.
    let opened = RwSignal::new(false);
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            opened.set(true);
        }
    });
    let field = move |name: &'static str, label: &'static str, get: fn(&mut LimitsFields) -> &mut String| {
        let wrong = move || problem.get().filter(|(field, _)| *field == name).map(|(_, message)| message);
        view! {
            <div class="field">
                <label for=format!("limit-{name}")>{label}</label>
                <input
                    id=format!("limit-{name}")
                    class="code"
                    inputmode="numeric"
                    autocomplete="off"
                    data-testid=format!("limit-{name}")
                    aria-invalid=text(move || wrong().is_some().to_string())
                    aria-describedby=format!("limit-{name}-problem")
                    prop:value=text(move || fields.with(|all| get(&mut all.clone()).clone()))
                    on:input=typed(move |text| fields.update(|all| *get(all) = text))
                />
                <span class="problem" id=format!("limit-{name}-problem") aria-live="polite">{text(move || wrong().unwrap_or_default())}</span>
            </div>
        }
    };
    view! {
        <details
            class="limits"
            data-testid="limits"
            open=flag(move || opened.get())
            on:toggle=move |event| opened.set(event_target::<web_sys::Element>(&event).has_attribute("open"))
        >
            <summary>"Limits"</summary>
            <div class="limits-fields">
                {field("fuel", "Fuel, units", |all| &mut all.fuel)}
                {field("setup", "Fuel to define, units", |all| &mut all.setup_fuel)}
                {field("memory", "Memory, MiB", |all| &mut all.memory_mib)}
                {field("output", "Output, KiB", |all| &mut all.output_kib)}
                {field("depth", "Nested calls", |all| &mut all.call_depth)}
                {field("time", "Wall time, ms", |all| &mut all.wall_ms)}
            </div>
            <p class="muted small">
                "Fuel is exact: a run that uses the limit to the last unit finishes, one that needs a unit more does not."
            </p>
        </details>
    }
}
