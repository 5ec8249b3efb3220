//! The queue kept in the store.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};

use super::{Lease, Progress, Queue, Submission, Submitted, Task, TaskState};
use crate::error::{During, Operation};
use crate::store::now_ms;
use crate::{Key, Store, StoreError};

const TASK_COLUMNS: &str = "id, kind, name, state, steps_done, steps_total, message, submitted_ms, finished_ms";

impl Queue for Store {
    fn submit(&self, submission: &Submission<'_>) -> Result<Submitted, StoreError> {
        self.write(|transaction| {
            let known = find(transaction, &submission.id)?;
            if let Some(task) = &known
                && !matches!(task.state, TaskState::Failed | TaskState::Cancelled)
            {
                return Ok(Submitted { task: task.clone(), added: false });
            }
            self.check_room(transaction)?;
            // A task that waits again goes to the end, and its earlier attempts are forgiven.
            transaction
                .execute("DELETE FROM task WHERE id = ?1", [submission.id.as_bytes()])
                .during(Operation::Write)?;
            transaction
                .execute(
                    "INSERT INTO task (id, kind, name, request, state, submitted_ms)
                     VALUES (?1, ?2, ?3, ?4, 'queued', ?5)",
                    params![submission.id.as_bytes(), submission.kind, submission.name, submission.request, now_ms()],
                )
                .during(Operation::Write)?;
            Ok(Submitted { task: existing(transaction, &submission.id)?, added: true })
        })
    }

    fn lease(&self) -> Result<Option<Lease>, StoreError> {
        self.write(|transaction| {
            self.give_up_overdue(transaction)?;
            let next = transaction
                .query_row(
                    "SELECT id, kind, request, attempts, lease FROM task WHERE state = 'queued'
                     ORDER BY sequence LIMIT 1",
                    [],
                    |row| {
                        Ok(Lease {
                            id: key_of(row, 0)?,
                            kind: row.get(1)?,
                            request: row.get(2)?,
                            attempts: row.get::<_, u32>(3)?.saturating_add(1),
                            number: row.get::<_, i64>(4)? + 1,
                        })
                    },
                )
                .optional()
                .during(Operation::Read)?;
            let Some(lease) = next else { return Ok(None) };
            transaction
                .execute(
                    "UPDATE task SET state = 'running', attempts = ?2, lease = ?3, lease_until_ms = ?4 WHERE id = ?1",
                    params![lease.id.as_bytes(), lease.attempts, lease.number, self.lease_until_ms()],
                )
                .during(Operation::Write)?;
            Ok(Some(lease))
        })
    }

    fn heartbeat(&self, lease: &Lease, progress: Progress) -> Result<(), StoreError> {
        self.record(lease, &[], progress)
    }

    fn record(&self, lease: &Lease, facts: &[String], progress: Progress) -> Result<(), StoreError> {
        self.write(|transaction| {
            let changed = transaction
                .execute(
                    "UPDATE task SET steps_done = ?3, steps_total = ?4, lease_until_ms = ?5
                     WHERE id = ?1 AND lease = ?2 AND state = 'running'",
                    params![
                        lease.id.as_bytes(),
                        lease.number,
                        progress.steps_done,
                        progress.steps_total,
                        self.lease_until_ms()
                    ],
                )
                .during(Operation::Write)?;
            held(changed, lease)?;
            let mut insert =
                transaction.prepare_cached("INSERT INTO fact (task, line) VALUES (?1, ?2)").during(Operation::Write)?;
            for line in facts {
                insert.execute(params![lease.id.as_bytes(), line]).during(Operation::Write)?;
            }
            Ok(())
        })
    }

    fn facts(&self, id: &Key) -> Result<Vec<String>, StoreError> {
        let connection = self.connection();
        let mut query = connection
            .prepare_cached("SELECT line FROM fact WHERE task = ?1 ORDER BY sequence")
            .during(Operation::Read)?;
        let lines = query.query_map([id.as_bytes()], |row| row.get(0)).during(Operation::Read)?;
        lines.collect::<Result<_, _>>().during(Operation::Read)
    }

    fn complete(&self, lease: &Lease, result: &[u8]) -> Result<(), StoreError> {
        self.write(|transaction| {
            end(transaction, lease, TaskState::Finished, None)?;
            replace_result(transaction, &lease.id, Some(result))
        })
    }

    fn fail(&self, lease: &Lease, message: &str, partial: Option<&[u8]>) -> Result<(), StoreError> {
        self.write(|transaction| {
            end(transaction, lease, TaskState::Failed, Some(message))?;
            replace_result(transaction, &lease.id, partial)
        })
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.write(|transaction| {
            let changed = transaction
                .execute(
                    "UPDATE task SET state = 'queued', attempts = attempts - 1
                     WHERE id = ?1 AND lease = ?2 AND state = 'running'",
                    params![lease.id.as_bytes(), lease.number],
                )
                .during(Operation::Write)?;
            held(changed, lease)
        })
    }

    fn cancel(&self, id: &Key) -> Result<Task, StoreError> {
        self.write(|transaction| {
            let task = existing(transaction, id)?;
            match task.state {
                TaskState::Cancelled => return Ok(task),
                TaskState::Finished | TaskState::Failed => {
                    return Err(StoreError::WrongState { id: *id, state: task.state, wanted: "cancelled" });
                }
                TaskState::Queued | TaskState::Running => {}
            }
            transaction
                .execute(
                    "UPDATE task SET state = 'cancelled', finished_ms = ?2 WHERE id = ?1",
                    params![id.as_bytes(), now_ms()],
                )
                .during(Operation::Write)?;
            existing(transaction, id)
        })
    }

    fn delete(&self, id: &Key) -> Result<(), StoreError> {
        self.write(|transaction| {
            let state = existing(transaction, id)?.state;
            if !state.has_ended() {
                return Err(StoreError::WrongState { id: *id, state, wanted: "deleted" });
            }
            for delete_sql in [
                "DELETE FROM task WHERE id = ?1",
                "DELETE FROM fact WHERE task = ?1",
                "DELETE FROM result WHERE key = ?1",
            ] {
                transaction.execute(delete_sql, [id.as_bytes()]).during(Operation::Write)?;
            }
            Ok(())
        })
    }

    fn task(&self, id: &Key) -> Result<Task, StoreError> {
        existing(&self.connection(), id)
    }

    fn tasks(&self, most: u32) -> Result<Vec<Task>, StoreError> {
        let connection = self.connection();
        let sql = format!("SELECT {TASK_COLUMNS} FROM task ORDER BY sequence DESC LIMIT ?1");
        let mut query = connection.prepare_cached(&sql).during(Operation::Read)?;
        let tasks = query.query_map([most], task_of).during(Operation::Read)?;
        tasks.collect::<Result<_, _>>().during(Operation::Read)
    }
}

impl Store {
    /// Makes tasks of holders that cannot live any more wait again. See [`Store::open`].
    pub(crate) fn release_all_leases(&self) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .execute("UPDATE task SET lease_until_ms = 0 WHERE state = 'running'", [])
                .during(Operation::Write)?;
            self.give_up_overdue(transaction)
        })
    }

    /// Tasks whose holder fell silent wait again, or have failed when that happened too often.
    fn give_up_overdue(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let message = format!(
            "its worker was lost {} times while working on it; it is not tried again unless submitted again",
            self.options.attempts_max
        );
        transaction
            .execute(
                "UPDATE task SET state = 'failed', message = ?2, finished_ms = ?3
                 WHERE state = 'running' AND lease_until_ms < ?3 AND attempts >= ?1",
                params![self.options.attempts_max, message, now_ms()],
            )
            .and_then(|_| {
                transaction.execute(
                    "UPDATE task SET state = 'queued' WHERE state = 'running' AND lease_until_ms < ?1",
                    [now_ms()],
                )
            })
            .during(Operation::Write)?;
        Ok(())
    }

    fn check_room(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let waiting: u32 = transaction
            .query_row("SELECT count(*) FROM task WHERE state = 'queued'", [], |row| row.get(0))
            .during(Operation::Read)?;
        let capacity = self.options.capacity;
        if waiting >= capacity { Err(StoreError::QueueFull { waiting, capacity }) } else { Ok(()) }
    }

    fn lease_until_ms(&self) -> i64 {
        now_ms().saturating_add(i64::try_from(self.options.lease.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Ends a running task whose lease still holds.
fn end(
    transaction: &Transaction<'_>,
    lease: &Lease,
    state: TaskState,
    message: Option<&str>,
) -> Result<(), StoreError> {
    let changed = transaction
        .execute(
            "UPDATE task SET state = ?3, message = ?4, finished_ms = ?5,
                 steps_done = CASE WHEN ?3 = 'finished' THEN steps_total ELSE steps_done END
             WHERE id = ?1 AND lease = ?2 AND state = 'running'",
            params![lease.id.as_bytes(), lease.number, state.name(), message, now_ms()],
        )
        .during(Operation::Write)?;
    held(changed, lease)
}

/// Puts a task's result in the place of an earlier attempt's.
fn replace_result(transaction: &Transaction<'_>, id: &Key, result: Option<&[u8]>) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM result WHERE key = ?1", [id.as_bytes()]).during(Operation::Write)?;
    if let Some(body) = result {
        transaction
            .execute(
                "INSERT INTO result (key, body, body_sha256, stored_ms) VALUES (?1, ?2, ?3, ?4)",
                params![id.as_bytes(), body, Sha256::digest(body).as_slice(), now_ms()],
            )
            .during(Operation::Write)?;
    }
    Ok(())
}

fn held(changed: usize, lease: &Lease) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::LeaseLost { id: lease.id }) }
}

fn existing(connection: &Connection, id: &Key) -> Result<Task, StoreError> {
    find(connection, id)?.ok_or(StoreError::UnknownTask { id: *id })
}

fn find(connection: &Connection, id: &Key) -> Result<Option<Task>, StoreError> {
    connection
        .query_row(&format!("SELECT {TASK_COLUMNS} FROM task WHERE id = ?1"), [id.as_bytes()], task_of)
        .optional()
        .during(Operation::Read)
}

fn task_of(row: &Row<'_>) -> rusqlite::Result<Task> {
    let state: String = row.get(3)?;
    Ok(Task {
        id: key_of(row, 0)?,
        kind: row.get(1)?,
        name: row.get(2)?,
        state: TaskState::from_name(&state).ok_or_else(|| damaged(3, format!("unknown state `{state}`")))?,
        progress: Progress { steps_done: row.get(4)?, steps_total: row.get(5)? },
        message: row.get(6)?,
        submitted_ms: row.get(7)?,
        finished_ms: row.get(8)?,
    })
}

fn key_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Key> {
    let bytes: Vec<u8> = row.get(column)?;
    let bytes = bytes.try_into().map_err(|_| damaged(column, "an identifier is not 32 bytes long".to_owned()))?;
    Ok(Key::from_bytes(bytes))
}

fn damaged(column: usize, message: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, message.into())
}
