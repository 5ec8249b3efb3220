//! What a page asks of its worker.

use serde::{Deserialize, Serialize};

use crate::{EvaluateRequest, InputFile, Limits, Program};

/// Names one job of a page; the page counts up and never reuses a number.
pub type JobId = u32;

/// A request. The first message of a page is [`ToWorker::Start`]; the worker answers with `Ready`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToWorker {
    /// Set up.
    Start(Start),
    /// Run one program. Ends with exactly one `RunFinished`, `Cancelled` or `Failed`.
    Run(RunRequest),
    /// Run a benchmark. Ends with exactly one `EvaluationFinished`, `Cancelled` or `Failed`.
    Evaluate(Box<EvaluateRequest>),
    /// Show a stored evaluation, comparison or optimization. Ends as `Evaluate` does, with no code run.
    Open {
        /// Chosen by the page.
        id: JobId,
        /// A report as `frugal eval --out`, the server or a page wrote it.
        file: InputFile,
    },
    /// Stop a job, at once.
    Cancel {
        /// Which.
        id: JobId,
    },
    /// Delete all guests kept in this browser.
    ForgetGuests,
}

/// Where things are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// [`crate::WIRE_VERSION`] of the page.
    pub wire_version: u32,
    /// Absolute address that `guests/` lies under, with a slash at its end, such as
    /// `https://example.org/frugal/`. A worker started from a blob has no address of its own.
    pub base_url: String,
    /// Most runners at once, 1 to 8; a page passes its `navigator.hardwareConcurrency - 1`, at most 4.
    pub runners: u32,
}

/// One program to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Chosen by the page.
    pub id: JobId,
    /// What to run.
    pub program: Program,
    /// What it may use.
    pub limits: Limits,
    /// Whether the report shall also say where the fuel went, by function and line; for Python alone.
    #[serde(default)]
    pub profile: bool,
}
