//! What a worker tells its page.

use serde::{Deserialize, Serialize};

use crate::{EvaluationRow, EvaluationSummary, JobId, RunView};

/// An event.
pub type ToPage = WorkerEvent<EvaluationRow, EvaluationSummary>;

/// An event, as a page reads it. One that runs no benchmarks need not know what comes of them: it reads anything in the
/// place of `Row` and `Summary`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerEvent<Row, Summary> {
    /// The worker is set up.
    Ready(Ready),
    /// A guest is being fetched; comes several times on its first use and never again after.
    GuestDownload {
        /// Such as `python`.
        language: String,
        /// What is going on.
        stage: GuestStage,
        /// Bytes that have arrived.
        received_bytes: u64,
        /// Bytes in all, as the manifest says.
        total_bytes: u64,
    },
    /// How far a job is.
    Progress {
        /// Which job.
        id: JobId,
        /// Steps done.
        done: u32,
        /// Steps in all; 0 while unknown.
        total: u32,
        /// What is going on, in a few words.
        note: String,
    },
    /// A run ended, well or badly.
    RunFinished {
        /// Which job.
        id: JobId,
        /// What to show.
        view: Box<RunView>,
        /// The same as the stable report format, for export.
        report_json: String,
    },
    /// One sample of a benchmark is judged.
    EvaluationRow {
        /// Which job.
        id: JobId,
        /// Its verdict and cost.
        row: Row,
    },
    /// A benchmark ended.
    EvaluationFinished {
        /// Which job.
        id: JobId,
        /// Metrics and files for export.
        summary: Box<Summary>,
    },
    /// A job ended because the page cancelled it. A cancelled benchmark ends with `EvaluationFinished`
    /// instead, holding what was done.
    Cancelled {
        /// Which job.
        id: JobId,
    },
    /// A job could not be carried out; nothing is known about the program.
    Failed {
        /// Which job; absent when the worker itself failed.
        id: Option<JobId>,
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// All guests kept in this browser are deleted.
    GuestsForgotten,
}

/// What the worker is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// [`crate::WIRE_VERSION`] of the worker.
    pub wire_version: u32,
    /// Version of Frugal.
    pub frugal_version: String,
    /// Name of the cost table.
    pub cost_table: String,
    /// Engine of the browser, such as `Chromium 156`.
    pub engine: String,
    /// Where guests are kept.
    pub storage: StorageMode,
    /// Guests that can be had, as the manifest says. Empty when there is no manifest.
    pub guests: Vec<GuestStatus>,
    /// Runners that benchmarks use at once.
    pub runners: u32,
}

/// One guest interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestStatus {
    /// Such as `python`.
    pub language: String,
    /// Such as `cpython-3.14.0`.
    pub version: String,
    /// Digest of the yardstick artefact, lower-case hexadecimal; part of every result.
    pub sha256: String,
    /// Size of the download, in bytes.
    pub download_bytes: u64,
    /// Whether it is kept in this browser, so that it runs without a network.
    pub kept: bool,
}

/// Where guests are kept between visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageMode {
    /// In Cache Storage: the next visit needs no network.
    Cache,
    /// In memory: this page has no storage of its own (an embedded frame, a private window), so each visit fetches again.
    Memory,
}

/// Stages of getting a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuestStage {
    /// Arriving from the network.
    Fetching,
    /// Read from this browser's storage.
    Reading,
    /// Being compiled.
    Compiling,
    /// Usable.
    Ready,
}
