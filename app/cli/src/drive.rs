//! Executes a study's commands on several threads.

use std::sync::{Condvar, Mutex, PoisonError};

use frugal_flow::enamel::{Fact, Study};
use frugal_host::{CancelToken, HostRunner};

/// What to do with what was learnt. An error ends the evaluation.
pub(crate) type OnFacts<'a> = dyn FnMut(&Study, &[Fact]) -> std::io::Result<()> + Send + 'a;

struct State<'a> {
    study: &'a mut Study,
    on_facts: &'a mut OnFacts<'a>,
    running: usize,
    failed: Option<std::io::Error>,
}

/// Runs until the study is done or `cancel` is set, `jobs` commands at once.
///
/// # Errors
/// What `on_facts` failed with.
pub(crate) fn drive<'a>(
    study: &'a mut Study,
    runner: &HostRunner,
    jobs: usize,
    cancel: &CancelToken,
    on_facts: &'a mut OnFacts<'a>,
) -> std::io::Result<()> {
    let state = Mutex::new(State { study, on_facts, running: 0, failed: None });
    let changed = Condvar::new();
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| work(&state, &changed, runner, cancel));
        }
    });
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failed.map_or(Ok(()), Err)
}

fn work(state: &Mutex<State<'_>>, changed: &Condvar, runner: &HostRunner, cancel: &CancelToken) {
    let mut guard = state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if cancel.is_cancelled() || guard.failed.is_some() {
            break;
        }
        let Some(command) = guard.study.next_command() else {
            if guard.running == 0 {
                break;
            }
            guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        guard.running += 1;
        drop(guard);
        let result = runner.run_cancellable(&command.job, &command.limits, cancel);
        drop(command.job);
        guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        guard.running -= 1;
        let state = &mut *guard;
        let facts = state.study.accept(command.id, result);
        if !facts.is_empty()
            && let Err(error) = (state.on_facts)(state.study, &facts)
        {
            state.failed = Some(error);
        }
        changed.notify_all();
    }
    changed.notify_all();
}
