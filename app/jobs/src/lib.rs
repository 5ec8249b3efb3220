//! The queue of work and the store of results, in one SQLite file.
//!
//! Results are content-addressed: a [`Key`] covers everything that decides a result, so equal keys mean
//! equal results and running something twice is harmless. A result is stored before its work is marked
//! done, so a process killed at any moment loses no finished result and repeats only unfinished work.
//!
//! rusqlite rather than sqlx: every call here is short and made from threads that may block, so an
//! asynchronous driver with its own pool would add parts and no speed; one bundled SQLite pins the
//! version whose durability is tested.
//!
//! Bodies are opaque bytes: this crate knows neither engines nor HTTP.

mod compare;
mod drive;
mod error;
mod key;
mod queue;
mod results;
mod schema;
mod store;

pub use compare::{Keeper, compare};
pub use drive::{Executor, drive};
pub use error::{Operation, StoreError};
pub use key::{Key, KeyBuilder, ParseKeyError};
pub use queue::{Lease, Progress, Queue, Submission, Submitted, Task, TaskState};
pub use store::{Store, StoreOptions};

#[cfg(test)]
mod tests;
