//! Examples that teach in one press.

mod other;
mod python;

use frugal_wire::Language;
use leptos::prelude::*;

use crate::shared::{live, press, text};

/// A lesson: one or two solutions and an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Distinguishes it in tests and links.
    pub id: &'static str,
    /// Shown on its button.
    pub title: &'static str,
    /// What to look at, in one sentence.
    pub lesson: &'static str,
    /// Of both sources.
    pub language: Language,
    /// Solution A.
    pub source: &'static str,
    /// Solution B.
    pub second_source: Option<&'static str>,
    /// Function or export to call; empty for a whole program.
    pub entry: &'static str,
    /// Arguments as a JSON array, or standard input for a whole program.
    pub input: &'static str,
}

/// Every lesson, in the order shown.
pub const EXAMPLES: &[&[Example]] = &[&python::LESSONS, &other::LESSONS];

/// Buttons for the lessons whose language can run here.
#[component]
pub fn Examples(
    /// Languages that can run.
    #[prop(into)]
    languages: Signal<Vec<Language>>,
    /// The lesson in the editor, by its identifier.
    #[prop(into)]
    current: Signal<Option<&'static str>>,
    /// Asked for when a lesson is pressed.
    on_choose: Callback<Example>,
) -> impl IntoView {
    let button = move |example: Example| {
        view! {
            <button
                type="button"
                data-testid=format!("example-{}", example.id)
                aria-pressed=text(move || (current.get() == Some(example.id)).to_string())
                title=example.lesson
                on:click=press(move || on_choose.run(example))
            >
                {example.title}
            </button>
        }
    };
    let shown = move || {
        let languages = languages.get();
        let all = EXAMPLES.iter().flat_map(|lessons| lessons.iter());
        all.filter(|example| languages.contains(&example.language)).map(|example| button(*example)).collect_view()
    };
    view! {
        <div class="examples" role="group" aria-label="Examples" data-testid="examples">
            {live(shown)}
        </div>
    }
}
