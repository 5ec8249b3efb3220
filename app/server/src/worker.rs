//! Works through the queue of evaluations, one at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use frugal_jobs::{Key, Lease, Progress, Queue, Store, StoreError};
use tokio::sync::Notify;

use crate::events::Board;
use crate::{ApiError, Cancel};

/// Shortest time between two notes of progress in the store.
const NOTE_EVERY: Duration = Duration::from_millis(200);

/// What evaluates. Returns the report's JSON, or why it is missing or lacks something.
pub(crate) type Evaluate = dyn Fn(&Lease, &Steps<'_>) -> Result<Vec<u8>, Incomplete> + Send + Sync;

/// An evaluation that did not come to its end.
#[derive(Debug)]
pub(crate) struct Incomplete {
    /// Why, in one sentence.
    pub(crate) message: String,
    /// The report's JSON, where some runs have a result.
    pub(crate) report: Option<Vec<u8>>,
}

impl<T: ToString> From<T> for Incomplete {
    fn from(message: T) -> Self {
        Self { message: message.to_string(), report: None }
    }
}

/// The worker's side of the queue.
pub(crate) struct Worker {
    store: Arc<Store>,
    board: Arc<Board>,
    wake: Notify,
    current: Mutex<Option<(Key, Cancel)>>,
}

impl Worker {
    pub(crate) fn new(store: Arc<Store>, board: Arc<Board>) -> Self {
        Self { store, board, wake: Notify::new(), current: Mutex::default() }
    }

    /// Says that there is work.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Cancels a task wherever it stands, and tells its watchers.
    ///
    /// # Errors
    /// 404, 409, or what the store failed with.
    pub(crate) fn cancel(&self, id: &Key) -> Result<frugal_jobs::Task, ApiError> {
        let task = self.store.cancel(id)?;
        if let Some((current, cancel)) = &*self.current.lock().unwrap_or_else(PoisonError::into_inner)
            && current == id
        {
            cancel.set();
        }
        self.board.publish(task.clone());
        Ok(task)
    }

    /// Works until `stopping` is set; then hands the current task back and returns.
    pub(crate) async fn work(self: Arc<Self>, evaluate: Arc<Evaluate>, stopping: Cancel) {
        while !stopping.is_set() {
            let (worker, evaluate, stop) = (Arc::clone(&self), Arc::clone(&evaluate), stopping.clone());
            let worked = tokio::task::spawn_blocking(move || worker.work_once(&*evaluate, &stop)).await;
            match worked {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => tokio::select! {
                    () = self.wake.notified() => {}
                    () = stopping.wait() => {}
                },
                failed => {
                    let cause = failed.map(|result| result.err().map(|error| error.to_string()));
                    tracing::error!(?cause, "the queue of evaluations cannot be worked on; trying again");
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
    }

    /// Does the next task, if there is one.
    fn work_once(&self, evaluate: &Evaluate, stopping: &Cancel) -> Result<bool, StoreError> {
        let Some(lease) = self.store.lease()? else { return Ok(false) };
        let cancel = Cancel::default();
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((lease.id, cancel.clone()));
        let begun = Instant::now();
        tracing::info!(id = %lease.id, kind = lease.kind, attempts = lease.attempts, "evaluation begun");
        let steps = Steps {
            worker: self,
            lease: &lease,
            cancel: &cancel,
            stopping,
            noted: Mutex::new(begun.checked_sub(NOTE_EVERY).unwrap_or(begun)),
        };
        self.publish(&lease.id);
        let evaluated = catch_unwind(AssertUnwindSafe(|| evaluate(&lease, &steps)));
        let stopped = steps.cancelled();
        let ended = match evaluated {
            // Half a report is worth nothing: the steps that finished are stored, the rest is done again.
            _ if stopped => self.store.release(&lease),
            Ok(Ok(report)) => self.store.complete(&lease, &report),
            Ok(Err(Incomplete { message, report })) => self.store.fail(&lease, &message, report.as_deref()),
            Err(_) => self.store.fail(&lease, "the evaluation failed inside the server; its log has the cause", None),
        };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
        match ended {
            // Cancelled, so the queue has taken it away already.
            Ok(()) | Err(StoreError::LeaseLost { .. } | StoreError::UnknownTask { .. }) => {}
            Err(error) => return Err(error),
        }
        self.publish(&lease.id);
        tracing::info!(id = %lease.id, stopped, seconds = begun.elapsed().as_secs_f32(), "evaluation ended");
        Ok(true)
    }

    fn publish(&self, id: &Key) {
        if let Ok(task) = self.store.task(id) {
            self.board.publish(task);
        }
    }
}

/// What an evaluation under way may do with the outside.
pub(crate) struct Steps<'a> {
    worker: &'a Worker,
    lease: &'a Lease,
    cancel: &'a Cancel,
    stopping: &'a Cancel,
    noted: Mutex<Instant>,
}

impl Steps<'_> {
    /// The flag that ends the runs under way.
    pub(crate) fn cancel(&self) -> &Cancel {
        self.cancel
    }

    /// Whether to stop without a report.
    pub(crate) fn cancelled(&self) -> bool {
        if self.stopping.is_set() {
            self.cancel.set();
        }
        self.cancel.is_set()
    }

    /// What was learnt before, in this and earlier attempts.
    ///
    /// # Errors
    /// What the store failed with.
    pub(crate) fn facts(&self) -> Result<Vec<String>, StoreError> {
        self.worker.store.facts(&self.lease.id)
    }

    /// Keeps what was learnt and says how far the evaluation is. A lost lease ends the evaluation.
    ///
    /// # Errors
    /// What the store failed with: facts that cannot be kept must not be built upon.
    pub(crate) fn record(&self, facts: &[String], progress: Progress) -> Result<(), StoreError> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let complete = progress.steps_done == progress.steps_total;
        if facts.is_empty() && noted.elapsed() < NOTE_EVERY && !complete {
            return Ok(());
        }
        let recorded = self.worker.store.record(self.lease, facts, progress);
        let silent = noted.elapsed() < NOTE_EVERY && !complete;
        if !silent {
            *noted = Instant::now();
        }
        drop(noted);
        match recorded {
            Ok(()) if silent => {}
            Ok(()) => self.worker.publish(&self.lease.id),
            Err(StoreError::LeaseLost { .. }) => self.cancel.set(),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
