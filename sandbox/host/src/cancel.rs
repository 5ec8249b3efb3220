//! Asking a run to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that ends a run from another thread. Clones share the flag; it cannot be unset.
///
/// A running job notices within two epoch ticks (about 20 ms) and then returns
/// [`frugal_fuel::RunError::Cancelled`]. One bulk memory operation cannot be interrupted, so the wait
/// can grow by the time of filling the job's memory once.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every run that was given this token, now and later.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True once [`Self::cancel`] was called on any clone.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl From<Arc<AtomicBool>> for CancelToken {
    /// A token that shares an edge's own flag, so that one flag can end runs and whatever waits for them.
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}
