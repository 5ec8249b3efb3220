//! The file.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::StoreError;
use crate::error::{During, Operation};
use crate::schema;

/// How a store behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// Most tasks that may wait at a time.
    pub capacity: u32,
    /// How often a task may be begun and lost before it counts as failed.
    pub attempts_max: u32,
    /// How long a lease lasts without a heartbeat.
    pub lease: Duration,
}

impl Default for StoreOptions {
    /// 64 places, 3 attempts, one minute.
    fn default() -> Self {
        Self { capacity: 64, attempts_max: 3, lease: Duration::from_secs(60) }
    }
}

/// Queue and results in one SQLite file, owned by one process at a time.
///
/// WAL mode with `synchronous=FULL`: what a call has returned survives the process and the power.
/// Safe to share between threads; calls block for at most a few transactions.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    pub(crate) options: StoreOptions,
    /// Held as long as the store: a second process is refused while this one lives.
    _lock: File,
}

impl Store {
    /// Opens `folder/frugal.sqlite3`, creating folder and file as needed.
    ///
    /// The exclusive lock proves that no other process works on the store, so leases left by one that
    /// was killed are released at once: their tasks wait again, or have failed when begun too often.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`], [`StoreError::InUse`], [`StoreError::NewerSchema`],
    /// [`StoreError::Corrupt`], or the cause why it cannot be written.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let path = folder.join("frugal.sqlite3");
        let cannot = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::StorageFull => StoreError::DiskFull { operation: Operation::Open },
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                StoreError::ReadOnly { operation: Operation::Open }
            }
            _ => StoreError::CannotOpen { path: path.clone(), message: error.to_string() },
        };
        fs::create_dir_all(folder).map_err(cannot)?;
        let lock_path = folder.join("frugal.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock_path).map_err(cannot)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => StoreError::InUse { path: path.clone() },
            fs::TryLockError::Error(error) => cannot(error),
        })?;
        let mut connection = connect(&path)?;
        schema::migrate(&mut connection)?;
        let store = Self { connection: Mutex::new(connection), options, _lock: lock };
        store.release_all_leases()?;
        Ok(store)
    }

    /// Runs `work` in one transaction that holds the write lock from its start.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).during(Operation::Write)?;
        let value = work(&transaction)?;
        transaction.commit().during(Operation::Write)?;
        Ok(value)
    }

    /// The connection. A panic elsewhere cannot have left a transaction open: dropping one rolls it back.
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen) => {
            StoreError::CannotOpen { path: PathBuf::from(path), message: error.to_string() }
        }
        _ => StoreError::from_sqlite(Operation::Open, &error),
    })?;
    connection.busy_timeout(Duration::from_secs(5)).during(Operation::Open)?;
    connection.pragma_update(None, "trusted_schema", false).during(Operation::Open)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).during(Operation::Open)?;
    if mode != "wal" {
        let message = format!("journal mode is `{mode}`, but `wal` is needed; use a local disk");
        return Err(StoreError::Database { operation: Operation::Open, message });
    }
    connection.pragma_update(None, "synchronous", "FULL").during(Operation::Open)?;
    Ok(connection)
}

/// Milliseconds since 1970 by the system's clock; only for people to read and for leases.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
