//! What stands on the Code page, and how it is kept, shared and taken from a link.

use frugal_ui::{EXAMPLES, Example, LimitsFields, RunState};
use frugal_wire::{Code, Input, Language, Limits, Program, ShareState};
use leptos::prelude::*;

use crate::site;

/// Names of the two panes, as tests and results know them.
pub(super) const PANES: [&str; 2] = ["a", "b"];
const DRAFT_KEY: &str = "frugal-draft";

/// One pane: a solution and where its runs stand.
#[derive(Clone, Copy)]
pub(super) struct Pane {
    /// The source.
    pub(super) source: RwSignal<String>,
    /// Its run in this tab.
    pub(super) tab: RwSignal<RunState>,
    /// Its run on the server.
    pub(super) server: RwSignal<RunState>,
    /// A run report with a profile of this source; empty for none.
    pub(super) profile: RwSignal<String>,
}

impl Pane {
    fn new() -> Self {
        Self {
            source: RwSignal::default(),
            tab: RwSignal::default(),
            server: RwSignal::default(),
            profile: RwSignal::default(),
        }
    }

    fn is_working(self) -> bool {
        self.tab.with(RunState::is_working) || self.server.with(RunState::is_working)
    }
}

/// Everything on the page. A handle: copies are the same state.
#[derive(Clone, Copy)]
pub(super) struct State {
    /// Of both sources.
    pub(super) language: RwSignal<Language>,
    /// The two solutions.
    pub(super) panes: [Pane; 2],
    /// Whether the second pane is open.
    pub(super) comparing: RwSignal<bool>,
    /// Whether the source runs as a whole program with standard input.
    pub(super) whole_program: RwSignal<bool>,
    /// Function or export to call.
    pub(super) entry: RwSignal<String>,
    /// Arguments, a JSON array.
    pub(super) arguments: RwSignal<String>,
    /// Standard input.
    pub(super) stdin: RwSignal<String>,
    /// Limits as typed.
    pub(super) limits: RwSignal<LimitsFields>,
    /// The lesson on show.
    pub(super) lesson: RwSignal<Option<Example>>,
    /// Whether something was edited since the last run.
    pub(super) stale: RwSignal<bool>,
    /// Whether a model writes in the first pane.
    pub(super) writing: RwSignal<bool>,
    /// Why the link in the address could not be read.
    pub(super) link_problem: RwSignal<Option<String>>,
}

impl State {
    /// From the link in the address, else the kept draft, else the first lesson.
    pub(super) fn open() -> Self {
        let state = Self {
            language: RwSignal::new(Language::Python),
            panes: [Pane::new(), Pane::new()],
            comparing: RwSignal::default(),
            whole_program: RwSignal::default(),
            entry: RwSignal::default(),
            arguments: RwSignal::new("[]".into()),
            stdin: RwSignal::default(),
            limits: RwSignal::new(Limits::default().into()),
            lesson: RwSignal::default(),
            stale: RwSignal::default(),
            writing: RwSignal::default(),
            link_problem: RwSignal::default(),
        };
        if state.take_link() {
            return state;
        }
        let link_problem = state.link_problem.get_untracked();
        match site::load(DRAFT_KEY).map(|draft| ShareState::decode(&draft)) {
            Some(Ok(draft)) => state.take(draft),
            _ => state.teach(EXAMPLES[0][0]),
        }
        // What stands there now is not what the link's sender meant.
        state.link_problem.set(link_problem);
        state
    }

    /// Takes the state from the address's fragment. True when there was a readable one.
    pub(super) fn take_link(self) -> bool {
        let fragment = site::fragment();
        if fragment.is_empty() {
            return false;
        }
        match ShareState::decode(&fragment) {
            Ok(shared) => {
                self.take(shared);
                self.link_problem.set(None);
                true
            }
            Err(error) => {
                self.link_problem.set(Some(error.to_string()));
                false
            }
        }
    }

    fn take(self, shared: ShareState) {
        self.clear_results();
        self.lesson.set(None);
        self.language.set(shared.language);
        self.panes[0].source.set(shared.source);
        self.comparing.set(shared.second_source.is_some());
        self.panes[1].source.set(shared.second_source.unwrap_or_default());
        self.limits.set(shared.limits.into());
        match shared.input {
            Input::Call { entry, arguments_json } => {
                self.whole_program.set(false);
                self.entry.set(entry);
                self.arguments.set(arguments_json);
            }
            Input::Stdin { text } => {
                self.whole_program.set(true);
                self.stdin.set(text);
            }
        }
    }

    /// Puts a lesson on the page.
    pub(super) fn teach(self, example: Example) {
        let program = example.entry.is_empty();
        let input = if program {
            Input::Stdin { text: example.input.into() }
        } else {
            Input::Call { entry: example.entry.into(), arguments_json: example.input.into() }
        };
        self.take(ShareState {
            language: example.language,
            source: example.source.into(),
            second_source: example.second_source.map(Into::into),
            input,
            limits: Limits::default(),
        });
        self.lesson.set(Some(example));
        self.link_problem.set(None);
    }

    /// Puts the content of a file in the first pane.
    pub(super) fn open_source(self, language: Language, source: String) {
        self.clear_results();
        self.lesson.set(None);
        self.language.set(language);
        self.panes[0].source.set(source);
    }

    /// Forgets every result.
    pub(super) fn clear_results(self) {
        self.stale.set(false);
        for pane in self.panes {
            pane.tab.set(RunState::Idle);
            pane.server.set(RunState::Idle);
            pane.profile.set(String::new());
        }
    }

    /// The panes on show.
    pub(super) fn open_panes(self) -> usize {
        if self.comparing.get() { 2 } else { 1 }
    }

    /// Whether anything runs.
    pub(super) fn is_working(self) -> bool {
        self.panes.iter().any(|pane| pane.is_working())
    }

    fn input(self) -> Input {
        // WebAssembly text has no standard input.
        if self.whole_program.get() && self.language.get() != Language::Wat {
            Input::Stdin { text: self.stdin.get() }
        } else {
            Input::Call { entry: self.entry.get().trim().to_owned(), arguments_json: self.arguments.get() }
        }
    }

    /// What pane `index` would run.
    pub(super) fn program(self, index: usize) -> Program {
        let code = Code::Text { language: self.language.get(), text: self.panes[index].source.get() };
        Program { code, input: self.input() }
    }

    /// Everything a link holds.
    ///
    /// # Errors
    /// A sentence that names the first limit which is no number in its range.
    pub(super) fn shared(self) -> Result<ShareState, String> {
        let limits = self.limits.with(LimitsFields::limits);
        Ok(ShareState {
            language: self.language.get(),
            source: self.panes[0].source.get(),
            second_source: self.comparing.get().then(|| self.panes[1].source.get()),
            input: self.input(),
            limits: limits.map_err(|(field, message)| format!("Limit `{field}`: {message}"))?,
        })
    }

    /// What stands in the address after `#` when all of this is shared.
    ///
    /// # Errors
    /// A sentence for people: which limit to mend, or that it is too long for a link.
    pub(super) fn fragment(self) -> Result<String, String> {
        self.shared()?.encode().map_err(|error| error.to_string())
    }

    /// Keeps the draft with each edit, and takes an outdated link out of the address.
    pub(super) fn keep(self) {
        let encoded = Memo::new(move |_| self.fragment());
        Effect::new(move |before: Option<Result<String, String>>| {
            let now = encoded.get();
            if let Ok(text) = &now {
                site::store(DRAFT_KEY, text);
                let fragment = site::fragment();
                if !fragment.is_empty() && fragment != *text && self.link_problem.get_untracked().is_none() {
                    site::clear_fragment();
                }
            }
            if before.is_some_and(|before| before != now) {
                self.stale.set(true);
            }
            now
        });
    }
}
