//! Asking work to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that work polls and that tasks can wait for. Once set it stays set.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    set: Arc<AtomicBool>,
    changed: Notify,
}

impl Cancel {
    /// Asks the work to stop.
    pub fn set(&self) {
        self.0.set.store(true, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Whether it was asked.
    pub fn is_set(&self) -> bool {
        self.0.set.load(Ordering::SeqCst)
    }

    /// The flag itself, for runners that poll it. Only [`Cancel::set`] may raise it.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.set)
    }

    /// Waits until it is asked.
    pub async fn wait(&self) {
        loop {
            // Registered before the flag is read, so that no call of `set` falls between.
            let changed = self.0.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            if self.is_set() {
                return;
            }
            changed.await;
        }
    }
}
