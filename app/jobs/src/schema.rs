//! The tables, version by version.

use rusqlite::Connection;

use crate::StoreError;
use crate::error::{During, Operation};

/// Marks the file as Frugal's ("frgl").
const APPLICATION_ID: i64 = 0x6672_676c;

/// Step `n` brings a store from version `n` to `n + 1`. Published steps never change: add one.
const STEPS: &[&str] = &["
    CREATE TABLE result (
        key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
        body BLOB NOT NULL,
        body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32),
        stored_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE task (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        request BLOB NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'failed', 'cancelled')),
        steps_done INTEGER NOT NULL DEFAULT 0,
        steps_total INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        lease INTEGER NOT NULL DEFAULT 0,
        lease_until_ms INTEGER NOT NULL DEFAULT 0,
        message TEXT,
        submitted_ms INTEGER NOT NULL,
        finished_ms INTEGER
    ) STRICT;
    CREATE INDEX task_by_state ON task (state, sequence);
    CREATE TABLE fact (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        task BLOB NOT NULL CHECK (length(task) = 32),
        line TEXT NOT NULL
    ) STRICT;
    CREATE INDEX fact_by_task ON fact (task, sequence);
"];

/// Version that this build writes.
pub(crate) const VERSION: u32 = 1;
const _: () = assert!(STEPS.len() == VERSION as usize);

/// Brings the store up to [`VERSION`]; each step is one transaction.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let pragma = |connection: &Connection, name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).during(Operation::Open)
    };
    let found = u32::try_from(pragma(connection, "user_version")?).unwrap_or(u32::MAX);
    let application = pragma(connection, "application_id")?;
    if found > 0 && application != APPLICATION_ID {
        let message = "it is an SQLite file of another application".to_owned();
        return Err(StoreError::Corrupt { operation: Operation::Open, message });
    }
    if found > VERSION {
        return Err(StoreError::NewerSchema { found, known: VERSION });
    }
    for (version, step) in STEPS.iter().enumerate().skip(found as usize) {
        let step_sql = format!("PRAGMA application_id = {APPLICATION_ID}; {step}");
        let transaction = connection.transaction().during(Operation::Migrate)?;
        transaction.execute_batch(&step_sql).during(Operation::Migrate)?;
        transaction.pragma_update(None, "user_version", version as i64 + 1).during(Operation::Migrate)?;
        transaction.commit().during(Operation::Migrate)?;
    }
    Ok(())
}
