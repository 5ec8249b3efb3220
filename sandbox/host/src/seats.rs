//! Who may run now, and the clock that interrupts those who do.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use frugal_fuel::RunError;
use wasmtime::Engine;

use crate::CancelToken;

/// Time between epoch ticks. Deadlines and cancellation are noticed at a tick.
const TICK: Duration = Duration::from_millis(10);

/// A fixed number of seats: runs beyond it wait, so that hundreds of callers share the machine instead
/// of spending each other's deadlines. One thread advances the engine's epoch while a seat is taken.
#[derive(Debug)]
pub(crate) struct Seats {
    shared: Arc<Shared>,
    clock: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    seats: usize,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is two plain fields, whole at every step: a panic elsewhere cannot tear it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A seat, free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat<'a>(&'a Shared);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.lock().taken -= 1;
        self.0.changed.notify_all();
    }
}

impl Seats {
    pub(crate) fn open(engine: Engine, seats: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), seats });
        let clock = std::thread::Builder::new().name("frugal-epoch".into()).spawn({
            let shared = Arc::clone(&shared);
            move || tick_while_open(&shared, &engine)
        })?;
        Ok(Self { shared, clock: Some(clock) })
    }

    /// Waits for a seat.
    pub(crate) fn take(&self, cancel: &CancelToken) -> Result<Seat<'_>, RunError> {
        let mut state = self.shared.lock();
        while state.taken >= self.shared.seats {
            if cancel.is_cancelled() {
                return Err(RunError::Cancelled);
            }
            state = self.shared.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.taken += 1;
        drop(state);
        self.shared.changed.notify_all();
        Ok(Seat(&self.shared))
    }
}

impl Drop for Seats {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        if let Some(clock) = self.clock.take() {
            // The clock's only failure would be a panic; there is nobody left to tell.
            let _ = clock.join();
        }
    }
}

fn tick_while_open(shared: &Shared, engine: &Engine) {
    loop {
        let mut state = shared.lock();
        while state.taken == 0 && !state.closed {
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return;
        }
        drop(state);
        std::thread::sleep(TICK);
        engine.increment_epoch();
    }
}
