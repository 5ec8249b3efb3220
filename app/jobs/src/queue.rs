//! Work that waits, runs and ends.

mod store;

use std::fmt;

use crate::{Key, StoreError};

/// Work to be done by whoever leases it. Delivery is at least once; results are keyed, so doing a task
/// twice changes nothing.
pub trait Queue: Send + Sync {
    /// Adds a task, or finds the one with the same identifier. A failed or cancelled one waits again.
    ///
    /// # Errors
    /// [`StoreError::QueueFull`] when too many wait; the causes of a failed write.
    fn submit(&self, submission: &Submission<'_>) -> Result<Submitted, StoreError>;

    /// Takes the oldest waiting task, if any.
    ///
    /// # Errors
    /// The causes of a failed write.
    fn lease(&self) -> Result<Option<Lease>, StoreError>;

    /// Says that the holder still works, and how far it is.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the task was cancelled or given to another holder.
    fn heartbeat(&self, lease: &Lease, progress: Progress) -> Result<(), StoreError>;

    /// Keeps what was learnt while working on the task, all or nothing, and says that the holder works.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] as for a heartbeat; the causes of a failed write.
    fn record(&self, lease: &Lease, facts: &[String], progress: Progress) -> Result<(), StoreError>;

    /// All facts recorded for a task, by earlier holders too, in order. They outlive a cancelled or
    /// failed task, so that it goes on where it was when submitted again.
    ///
    /// # Errors
    /// The causes of a failed read.
    fn facts(&self, id: &Key) -> Result<Vec<String>, StoreError>;

    /// Stores the task's result under its identifier and marks it finished, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] as for a heartbeat; the causes of a failed write.
    fn complete(&self, lease: &Lease, result: &[u8]) -> Result<(), StoreError>;

    /// Marks the task failed; it is not tried again unless submitted again. What there is of a result, such as
    /// a report in which some runs are missing, is stored with it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] as for a heartbeat; the causes of a failed write.
    fn fail(&self, lease: &Lease, message: &str, partial: Option<&[u8]>) -> Result<(), StoreError>;

    /// Hands an unfinished task back, as on shutdown; the attempt does not count.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] as for a heartbeat; the causes of a failed write.
    fn release(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Cancels a waiting or running task; its holder learns of it at the next heartbeat.
    ///
    /// # Errors
    /// [`StoreError::UnknownTask`]; [`StoreError::WrongState`] when it has ended otherwise.
    fn cancel(&self, id: &Key) -> Result<Task, StoreError>;

    /// Deletes a task that has ended, with its facts and its result.
    ///
    /// # Errors
    /// [`StoreError::UnknownTask`]; [`StoreError::WrongState`] while it waits or runs.
    fn delete(&self, id: &Key) -> Result<(), StoreError>;

    /// One task.
    ///
    /// # Errors
    /// [`StoreError::UnknownTask`].
    fn task(&self, id: &Key) -> Result<Task, StoreError>;

    /// The newest tasks, newest first.
    ///
    /// # Errors
    /// The causes of a failed read.
    fn tasks(&self, most: u32) -> Result<Vec<Task>, StoreError>;
}

/// A task to add.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// Made from everything that decides the result.
    pub id: Key,
    /// What kind of work, such as `enamel`.
    pub kind: &'a str,
    /// A name for people. Hostile text.
    pub name: &'a str,
    /// All that the worker needs.
    pub request: &'a [u8],
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The task, new or found.
    pub task: Task,
    /// True when this submission made it wait.
    pub added: bool,
}

/// The right to work on a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which task.
    pub id: Key,
    /// What kind of work.
    pub kind: String,
    /// All that the worker needs.
    pub request: Vec<u8>,
    /// How often it was begun, this time included.
    pub attempts: u32,
    /// Tells this lease from earlier and later ones of the task.
    pub(crate) number: i64,
}

/// How far a task is, in steps of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps done.
    pub steps_done: u32,
    /// Steps there are; 0 while unknown.
    pub steps_total: u32,
}

/// A task as its submitter sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Which task.
    pub id: Key,
    /// What kind of work.
    pub kind: String,
    /// Its name for people. Hostile text.
    pub name: String,
    /// Where it stands.
    pub state: TaskState,
    /// How far it is, as of the last heartbeat.
    pub progress: Progress,
    /// Why it failed.
    pub message: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub submitted_ms: i64,
    /// Milliseconds since 1970, UTC; absent until it has ended.
    pub finished_ms: Option<i64>,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Waits for a worker.
    Queued,
    /// A worker holds it.
    Running,
    /// Its result is stored.
    Finished,
    /// It ended without a result, or with a part of one.
    Failed,
    /// Its submitter ended it.
    Cancelled,
}

impl TaskState {
    const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Finished, Self::Failed, Self::Cancelled];

    /// The name used in the store and in every interface.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// True once nothing more will happen to the task by itself.
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
