//! Run and Stop: hands programs to the worker and, where wished, to the server.

use std::collections::HashSet;

use frugal_ui::RunState;
use frugal_wire::JobId;
use leptos::prelude::*;
use web_sys::AbortController;

use super::state::State;
use crate::engine::{Engine, JobEvent};
use crate::server;

/// Runs what stands on the page. A handle.
#[derive(Clone, Copy)]
pub(super) struct Control {
    state: State,
    engine: Engine,
    /// Whether to run on the server too.
    pub(super) on_server: RwSignal<bool>,
    jobs: StoredValue<HashSet<JobId>>,
    stop: StoredValue<Option<AbortController>, LocalStorage>,
    /// Counts up with each run; what an earlier one still has to say is not shown.
    round: StoredValue<u32>,
    /// Why Run did nothing.
    pub(super) problem: RwSignal<Option<String>>,
}

impl Control {
    pub(super) fn new(state: State, engine: Engine) -> Self {
        Self {
            state,
            engine,
            on_server: RwSignal::new(false),
            jobs: StoredValue::new(HashSet::new()),
            stop: StoredValue::new_local(None),
            round: StoredValue::new(0),
            problem: RwSignal::default(),
        }
    }

    /// Runs every open pane. Does nothing while a run is under way.
    pub(super) fn run(self) {
        if untrack(|| self.state.is_working()) {
            return;
        }
        let limits = match self.state.limits.with_untracked(frugal_ui::LimitsFields::limits) {
            Ok(limits) => limits,
            Err((field, message)) => {
                self.problem.set(Some(format!("Limit `{field}`: {message}")));
                return;
            }
        };
        self.problem.set(None);
        self.state.clear_results();
        let round = self.next_round();
        let is_current = move || self.round.try_get_value() == Some(round);
        let stop = AbortController::new().ok();
        for index in 0..untrack(|| self.state.open_panes()) {
            let pane = self.state.panes[index];
            let program = untrack(|| self.state.program(index));
            if self.on_server.get_untracked() {
                pane.server.set(RunState::Working("Running on the server".into()));
                if let Some(signal) = stop.as_ref().map(AbortController::signal) {
                    let program = program.clone();
                    wasm_bindgen_futures::spawn_local(async move {
                        let ended = match server::run(&program, limits, &signal).await {
                            Ok((view, report_json)) => RunState::Done { view: Box::new(view), report_json },
                            Err(_) if signal.aborted() => RunState::Stopped,
                            Err(error) => RunState::Failed { message: error.message, hint: error.hint },
                        };
                        if is_current() {
                            pane.server.set(ended);
                        }
                    });
                }
            }
            pane.tab.set(RunState::Working("Running in this tab".into()));
            let listener = Callback::new(move |event| {
                if is_current() {
                    hear(pane.tab, event);
                }
            });
            let id = self.engine.run(program, limits, false, listener);
            self.jobs.update_value(|all| {
                all.insert(id);
            });
        }
        self.stop.set_value(stop);
    }

    fn next_round(self) -> u32 {
        self.round
            .try_update_value(|round| {
                *round = round.wrapping_add(1);
                *round
            })
            .unwrap_or_default()
    }

    /// Stops everything under way, and shows nothing more of it: other code stands on the page now.
    pub(super) fn leave(self) {
        self.next_round();
        self.stop();
    }

    /// Stops everything under way.
    pub(super) fn stop(self) {
        for id in self.jobs.try_update_value(std::mem::take).unwrap_or_default() {
            self.engine.cancel(id);
        }
        if let Some(stop) = self.stop.try_update_value(Option::take).flatten() {
            stop.abort();
        }
    }
}

fn hear(place: RwSignal<RunState>, event: JobEvent) {
    let next = match event {
        JobEvent::Progress(_, _, note) => {
            RunState::Working(if note.is_empty() { "Running in this tab".into() } else { note })
        }
        JobEvent::Run(view, report_json) => RunState::Done { view, report_json },
        JobEvent::Cancelled => RunState::Stopped,
        JobEvent::Failed(message, hint) => RunState::Failed { message, hint },
        JobEvent::Row(_) | JobEvent::Evaluation(_) => return,
    };
    place.set(next);
}
