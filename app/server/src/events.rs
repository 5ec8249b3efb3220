//! Who waits for news of which evaluation.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use frugal_jobs::{Key, Task};
use tokio::sync::watch;

/// Passes each change of a task to those who watch it. The store remains the truth: a watcher reads it
/// after subscribing, so that nothing falls between.
#[derive(Debug, Default)]
pub(crate) struct Board {
    channels: Mutex<HashMap<Key, watch::Sender<Option<Task>>>>,
}

impl Board {
    /// News of one task from now on.
    pub(crate) fn subscribe(&self, id: Key) -> watch::Receiver<Option<Task>> {
        let mut channels = self.channels();
        channels.retain(|_, channel| channel.receiver_count() > 0);
        channels.entry(id).or_insert_with(|| watch::channel(None).0).subscribe()
    }

    /// Tells the watchers of a task where it stands.
    pub(crate) fn publish(&self, task: Task) {
        let mut channels = self.channels();
        let (id, ended) = (task.id, task.state.has_ended());
        if let Some(channel) = channels.get(&id) {
            channel.send_replace(Some(task));
        }
        if ended {
            channels.remove(&id);
        }
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<Option<Task>>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
