//! What one run came to and what it cost.

use frugal_report::printable;
use frugal_wire::RunView;
use leptos::prelude::*;

use crate::Outcome;
use crate::figure::{grouped, wall_text};
use crate::shared::{live, press};

/// Where the run of one solution stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum RunState {
    /// Not run yet, or edited since.
    #[default]
    Idle,
    /// Under way; what is going on, in a few words.
    Working(String),
    /// Ended, well or badly.
    Done {
        /// What to show.
        view: Box<RunView>,
        /// The stable report, for export.
        report_json: String,
    },
    /// Stopped by the person.
    Stopped,
    /// Could not be carried out; says nothing about the program.
    Failed {
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: String,
    },
}

impl RunState {
    /// Whether Stop makes sense.
    pub fn is_working(&self) -> bool {
        matches!(self, Self::Working(_))
    }

    /// The run that ended.
    pub fn view(&self) -> Option<&RunView> {
        match self {
            Self::Done { view, .. } => Some(view),
            _ => None,
        }
    }
}

/// One run: outcome, fuel, value, output; wall time as a secondary figure.
#[component]
pub fn RunResult(
    /// Where it stands.
    #[prop(into)]
    state: Signal<RunState>,
    /// Distinguishes the elements for tests, such as `net-fuel-<name>`.
    name: &'static str,
    /// Where it ran, such as `in this tab`.
    place: &'static str,
    /// Asked for with the stable report when a person wants it as a file.
    on_save: Callback<String>,
) -> impl IntoView {
    let body = move || match state.get() {
        RunState::Idle => view! { <p class="muted small run-idle">"Not run yet " {place} "."</p> }.into_any(),
        RunState::Working(note) => view! {
            <p class="run-working" data-testid=format!("working-{name}")>
                <span class="spinner" aria-hidden="true"></span>
                {note}
            </p>
        }
        .into_any(),
        RunState::Stopped => {
            view! { <p class="muted" data-testid=format!("stopped-{name}")>"Stopped. Nothing was measured."</p> }
                .into_any()
        }
        RunState::Failed { message, hint } => view! {
            <div class="notice bad" role="alert" data-testid=format!("failed-{name}")>
                <strong>"It could not be run. "</strong>
                {printable(&message)}
                <br />
                <span class="small">{printable(&hint)}</span>
            </div>
        }
        .into_any(),
        RunState::Done { view, report_json } => finished(*view, report_json, on_save, name).into_any(),
    };
    view! {
        <section class="run-result" data-testid=format!("result-{name}") aria-label=format!("Result {place}")>
            {live(body)}
        </section>
    }
}

/// A count with its exact digits for tests and for copying.
fn figure(units: u64, testid: String) -> impl IntoView {
    view! {
        <span class="number" data-testid=testid data-fuel=units.to_string()>
            {grouped(units)}
        </span>
    }
}

fn finished(run: RunView, report_json: String, on_save: Callback<String>, name: &'static str) -> impl IntoView {
    let bound = run.fuel_is_lower_bound.then_some("at least ");
    let rejected = run.rejection.is_some();
    let wall = run.wall_ms.map(|wall_ms| {
        view! {
            <div title="Differs from run to run and from machine to machine; fuel does not">
                <dt>"wall time"</dt>
                <dd class="number" data-testid=format!("wall-{name}")>{wall_text(wall_ms)}</dd>
            </div>
        }
    });
    let figures = (!rejected).then(|| {
        view! {
            <p class="net-fuel">
                <span class="net-fuel-bound">{bound}</span>
                {figure(run.net_fuel, format!("net-fuel-{name}"))}
                <span class="net-fuel-unit">" fuel"</span>
            </p>
            <dl class="run-figures">
                <div title="Counted over the measured call">
                    <dt>"raw"</dt>
                    <dd>{figure(run.raw_fuel, format!("raw-fuel-{name}"))}</dd>
                </div>
                <div title="What the same protocol costs with no call in it: raw minus baseline is the net fuel, the call alone">
                    <dt>"baseline"</dt>
                    <dd>{figure(run.baseline_fuel, format!("baseline-fuel-{name}"))}</dd>
                </div>
                {wall}
            </dl>
        }
    });
    view! {
        {figures}
        <Outcome run=run.clone() name />
        {texts(&run, name)}
        {provenance(&run, report_json, on_save, name)}
    }
}

/// Value, error and output: hostile text, shown as text only.
fn texts(run: &RunView, name: &'static str) -> impl IntoView + use<> {
    let block = |title: &'static str, testid: String, text: String| {
        view! {
            <div class="run-text">
                <h3>{title}</h3>
                <pre tabindex="0" data-testid=testid>{printable(&text)}</pre>
            </div>
        }
    };
    let error = run.error.as_ref().map(|error| {
        let text = if error.traceback.is_empty() {
            format!("{}: {}", error.kind, error.message)
        } else {
            error.traceback.clone()
        };
        block("Error", format!("error-{name}"), text)
    });
    let shown = |text: &String| (!text.is_empty()).then(|| text.clone());
    view! {
        {error}
        {run.value.clone().map(|value| block("Returned", format!("value-{name}"), value))}
        {shown(&run.stdout).map(|text| block("Printed", format!("stdout-{name}"), text))}
        {shown(&run.stderr).map(|text| block("Printed to standard error", format!("stderr-{name}"), text))}
    }
}

/// Everything another person needs to get the same number.
fn provenance(
    run: &RunView,
    report_json: String,
    on_save: Callback<String>,
    name: &'static str,
) -> impl IntoView + use<> {
    let from = &run.provenance;
    let guest =
        from.guest.as_ref().map(|guest| format!("{} ({})", guest.version, &guest.sha256.get(..12).unwrap_or("")));
    let row = |term: &'static str, text: String| view! { <div><dt>{term}</dt><dd>{printable(&text)}</dd></div> };
    view! {
        <details class="run-provenance" data-testid=format!("provenance-{name}")>
            <summary>"Where this number comes from"</summary>
            <dl>
                {row("cost table", from.cost_table.clone())}
                {guest.map(|guest| row("guest", guest))}
                {row("engine", format!("{}, {} meter", from.engine, from.meter))}
                {row("fuel limit", grouped(run.limits.fuel))}
                {row("key", from.key.clone())}
            </dl>
            <button
                type="button"
                data-testid=format!("save-{name}")
                on:click=press(move || on_save.run(report_json.clone()))
            >
                "Save as JSON"
            </button>
        </details>
    }
}
