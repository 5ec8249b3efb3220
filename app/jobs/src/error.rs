//! What can go wrong, by cause.

use std::fmt;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::Key;

/// A store or queue operation failed. Nothing was half done: every operation is one transaction.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder or file cannot be opened or created.
    #[error("cannot open the store at {path}: {message}; check that the folder exists and can be written")]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// The system's sentence.
        message: String,
    },
    /// Another process works on this store.
    #[error("the store at {path} is in use by another process; stop that one or choose another data folder")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version of Frugal.
    #[error("the store has schema version {found}, but this version of frugal knows up to {known}; upgrade frugal")]
    NewerSchema {
        /// In the file.
        found: u32,
        /// The newest known here.
        known: u32,
    },
    /// The file is not a store, or is damaged.
    #[error("the store is damaged ({operation}): {message}; move the file away and start again, or restore a backup")]
    Corrupt {
        /// What was being done.
        operation: Operation,
        /// What was found.
        message: String,
    },
    /// No space is left.
    #[error("the disk is full ({operation}); free some space, finished results are kept")]
    DiskFull {
        /// What was being done.
        operation: Operation,
    },
    /// The file or its folder cannot be written.
    #[error("the store cannot be written ({operation}); check the permissions of the data folder")]
    ReadOnly {
        /// What was being done.
        operation: Operation,
    },
    /// A lock was not had in time.
    #[error("the store is busy ({operation}); try again")]
    Busy {
        /// What was being done.
        operation: Operation,
    },
    /// Any other failure of SQLite.
    #[error("the store failed ({operation}): {message}")]
    Database {
        /// What was being done.
        operation: Operation,
        /// SQLite's sentence.
        message: String,
    },
    /// Too much work waits already.
    #[error("the queue is full: {waiting} of {capacity} places are taken; try again when some work has finished")]
    QueueFull {
        /// Tasks waiting.
        waiting: u32,
        /// The most that may wait.
        capacity: u32,
    },
    /// There is no such task.
    #[error("there is no task {id}")]
    UnknownTask {
        /// What was asked for.
        id: Key,
    },
    /// The task is in a state that does not allow this.
    #[error("task {id} is {state}, so it cannot be {wanted}")]
    WrongState {
        /// Which task.
        id: Key,
        /// Its state.
        state: crate::TaskState,
        /// What was wanted, a past participle.
        wanted: &'static str,
    },
    /// The lease ran out or the task was cancelled: the work no longer belongs to its holder.
    #[error("the lease on task {id} is lost; stop working on it")]
    LeaseLost {
        /// Which task.
        id: Key,
    },
    /// Two results for one key differ, which exact measurement forbids: a fault to report, not to merge.
    #[error("the result of key {key} differs from the one stored before; one of the two runs was faulty")]
    Conflict {
        /// The key.
        key: Key,
    },
}

/// What the store was doing, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Opening the file.
    Open,
    /// Bringing the schema up to date.
    Migrate,
    /// Reading.
    Read,
    /// Writing.
    Write,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening it",
            Self::Migrate => "updating its schema",
            Self::Read => "reading",
            Self::Write => "writing",
        })
    }
}

impl StoreError {
    /// Sorts an error of SQLite by what can be done about it.
    pub(crate) fn from_sqlite(operation: Operation, error: &rusqlite::Error) -> Self {
        let message = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { operation },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { operation },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { operation, message },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { operation },
            _ => Self::Database { operation, message },
        }
    }
}

/// Attaches the operation to errors of SQLite.
pub(crate) trait During<T> {
    fn during(self, operation: Operation) -> Result<T, StoreError>;
}

impl<T> During<T> for rusqlite::Result<T> {
    fn during(self, operation: Operation) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::from_sqlite(operation, &error))
    }
}
