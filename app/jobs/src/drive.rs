//! Executes a study's commands on several threads: the one loop of every native edge.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use frugal_flow::Progress;
use frugal_flow::enamel::{Command, Fact, Study};
use frugal_fuel::{Measurement, RunError};

/// Cancelling does not notify, so waiting threads look up this often.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Whoever executes commands and keeps what was learnt. Called from several threads at once.
pub trait Executor: Sync {
    /// Why something learnt could not be kept.
    type Failure: Send;

    /// Runs one command. A panic here counts as a failure of the machinery.
    ///
    /// # Errors
    /// [`RunError`] when nothing is known about the command.
    fn run(&self, command: &Command) -> Result<Measurement, RunError>;

    /// True once nothing more is to be started.
    fn cancelled(&self) -> bool;

    /// Keeps what one command taught, which may be nothing, and how far the study is.
    ///
    /// # Errors
    /// Ends the evaluation.
    fn record(&self, facts: &[Fact], progress: Progress) -> Result<(), Self::Failure>;
}

/// Runs until the study is done, nothing more can start, or the executor is cancelled; `threads` commands at once.
///
/// # Errors
/// What [`Executor::record`] failed with.
pub fn drive<E: Executor>(study: &mut Study, threads: usize, executor: &E) -> Result<(), E::Failure> {
    let drive =
        Drive { executor, state: Mutex::new(State { study, running: 0, failure: None }), changed: Condvar::new() };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| drive.work());
        }
    });
    let state = drive.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failure.map_or(Ok(()), Err)
}

struct Drive<'a, E: Executor> {
    executor: &'a E,
    state: Mutex<State<'a, E::Failure>>,
    changed: Condvar,
}

struct State<'a, F> {
    study: &'a mut Study,
    running: usize,
    failure: Option<F>,
}

impl<'a, E: Executor> Drive<'a, E> {
    fn work(&self) {
        while let Some(command) = self.next() {
            let result = catch_unwind(AssertUnwindSafe(|| self.executor.run(&command))).unwrap_or_else(|_| {
                Err(RunError::Engine { message: "the runner panicked; the log has the cause".to_owned() })
            });
            self.accept(&command, result);
        }
        self.changed.notify_all();
    }

    /// The next command, once there is one; `None` at the end.
    fn next(&self) -> Option<Command> {
        let mut state = self.state();
        loop {
            if self.executor.cancelled() || state.failure.is_some() || state.study.is_done() {
                return None;
            }
            if let Some(command) = state.study.next_command() {
                state.running += 1;
                return Some(command);
            }
            if state.running == 0 {
                // Nothing can start any more: the report counts what is missing.
                return None;
            }
            let waited = self.changed.wait_timeout(state, LOOK_UP);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn accept(&self, command: &Command, result: Result<Measurement, RunError>) {
        let mut state = self.state();
        state.running -= 1;
        let facts = state.study.accept(command.id, result);
        let progress = state.study.progress();
        drop(state);
        if let Err(failure) = self.executor.record(&facts, progress) {
            self.state().failure = Some(failure);
        }
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State<'a, E::Failure>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
