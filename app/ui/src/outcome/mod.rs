//! How a run ended, in words and with a mark: never by colour alone.

use frugal_report::{OutcomeKind, printable};
use frugal_wire::RunView;
use leptos::prelude::*;

/// A mark, a short name and a sentence for an outcome.
pub fn outcome_words(run: &RunView) -> (&'static str, &'static str, String) {
    let during = match run.phase.as_deref() {
        Some("define") => " while the top level of the source ran",
        Some("prepare") => " while the arguments were read",
        Some("result") => " while the result was handed back",
        _ => "",
    };
    match run.outcome {
        OutcomeKind::Finished => ("✓", "Finished", "It ran to its end within every limit.".into()),
        OutcomeKind::OutOfFuel => (
            "■",
            "Out of fuel",
            format!("It needed more than its limit{during}. Raise the fuel limit, or make the code cheaper."),
        ),
        OutcomeKind::OutOfMemory => (
            "■",
            "Out of memory",
            "It asked for more memory than its limit. Raise the limit, or hold less at once.".into(),
        ),
        OutcomeKind::OutOfDepth => {
            ("■", "Out of depth", "It nested calls too deeply. Use a loop, or recurse less far.".into())
        }
        OutcomeKind::OutputTooLarge => {
            ("■", "Output too large", "Its result and what it printed exceed the output limit.".into())
        }
        OutcomeKind::PastDeadline => (
            "■",
            "Past the deadline",
            "The wall clock ran out before the fuel did. Raise the time limit, or run on a quicker machine.".into(),
        ),
        OutcomeKind::Trapped => {
            let kind = run.trap.as_deref().unwrap_or("other").replace('_', " ");
            ("✕", "Trapped", format!("WebAssembly stopped with a trap: {kind}."))
        }
        OutcomeKind::GuestError => {
            let kind = printable(run.error.as_ref().map_or("an error", |error| error.kind.as_str()));
            ("✕", "Error", format!("The program raised {kind}{during}."))
        }
        OutcomeKind::Rejected => {
            let reason = printable(run.rejection.as_deref().unwrap_or("it cannot be run"));
            ("✕", "Rejected", format!("Not run: {reason}."))
        }
    }
}

/// The outcome of a finished run: mark, name, sentence.
#[component]
pub fn Outcome(
    /// What the run came to.
    run: RunView,
    /// Distinguishes the element for tests: `outcome-<name>`.
    name: &'static str,
) -> impl IntoView {
    let (mark, title, sentence) = outcome_words(&run);
    let class = match run.outcome {
        OutcomeKind::Finished => "outcome good",
        OutcomeKind::GuestError | OutcomeKind::Trapped | OutcomeKind::Rejected => "outcome bad",
        _ => "outcome warn",
    };
    view! {
        <p class=class data-testid=format!("outcome-{name}") data-outcome=run.outcome.name()>
            <span class="outcome-mark" aria-hidden="true">{mark}</span>
            <strong>{title}</strong>
            " "
            <span class="outcome-sentence">{sentence}</span>
        </p>
    }
}
