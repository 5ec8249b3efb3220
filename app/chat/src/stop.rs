//! Ending calls early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::ChatError;

/// How soon a stopped call notices.
const LOOK_UP: Duration = Duration::from_millis(25);

/// A flag and a deadline that end calls, the waiting between retries included. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// A stop that `flag` pulls from any thread.
    pub fn by(flag: Arc<AtomicBool>) -> Self {
        Self { flag, deadline: None }
    }

    /// The same with a time at which everything ends.
    #[must_use]
    pub fn at(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Why nothing more may be done, if so.
    pub(crate) fn reason(&self) -> Option<ChatError> {
        if self.flag.load(Ordering::Relaxed) {
            return Some(ChatError::Stopped);
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(ChatError::OutOfTime)
    }

    /// True once the deadline, if there is one, has passed.
    pub fn is_out_of_time(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Waits for `something` in short steps, until it is there or there is a reason to stop.
    pub(crate) fn wait_for<T>(&self, mut something: impl FnMut(Duration) -> Option<T>) -> Result<T, ChatError> {
        loop {
            if let Some(there) = something(LOOK_UP) {
                return Ok(there);
            }
            if let Some(reason) = self.reason() {
                return Err(reason);
            }
        }
    }

    /// Sleeps, unless there is a reason to stop.
    pub(crate) fn sleep(&self, pause: Duration) -> Result<(), ChatError> {
        let end = Instant::now() + pause;
        self.wait_for(|step| {
            let left = end.saturating_duration_since(Instant::now());
            std::thread::sleep(step.min(left));
            (Instant::now() >= end).then_some(())
        })
    }
}
