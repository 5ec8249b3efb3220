//! Whoever runs jobs.

use crate::{Guest, Job, Limits, Measurement};

/// Runs jobs and counts their fuel. Two runners given equal jobs and limits return equal
/// measurements wherever both finish.
///
/// The call blocks; an edge chooses the thread or worker. Fuel is set after instantiation and every
/// measurement gets a fresh instance.
pub trait Runner {
    /// Who is counting; goes into every report.
    fn identity(&self) -> RunnerIdentity;

    /// Guests this runner can run now.
    fn guests(&self) -> Vec<Guest>;

    /// Runs one job.
    ///
    /// # Errors
    /// [`RunError`] only when the machinery failed: nothing is then known about the job, and a
    /// benchmark counts it apart, never as a zero.
    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError>;
}

/// The engine and meter behind a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerIdentity {
    /// Engine and version, such as `wasmtime 48.0.8` or a browser's user-agent brand.
    pub engine: String,
    /// Which meter counted.
    pub meter: Meter,
    /// Name of the cost table, such as `fuel-1`.
    pub cost_table: &'static str,
}

/// The two meters; they agree on every finished run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meter {
    /// The engine's own fuel (canonical).
    Native,
    /// Counting code woven into the module.
    Instrumented,
}

impl Meter {
    /// The name used in every report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Instrumented => "instrumented",
        }
    }
}

/// The machinery failed; the job's cost is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The runner has no such guest.
    #[error("guest {language} with digest {sha256} is not installed here; run `frugal guest verify` to see what is")]
    UnknownGuest {
        /// Language asked for.
        language: String,
        /// Digest asked for.
        sha256: String,
    },
    /// A limit cannot be honoured.
    #[error(transparent)]
    Limits(#[from] crate::LimitError),
    /// The compiler's process died or could not be started.
    #[error("the compiler process failed: {message}")]
    Compiler {
        /// What happened.
        message: String,
    },
    /// The engine failed in a way no guest can cause.
    #[error("the engine failed: {message}")]
    Engine {
        /// What happened.
        message: String,
    },
    /// The engine's own stack ended where no run may be out of depth.
    #[error(
        "the stack of this engine ended at {nested_calls} nested calls, too few to call the job out of depth; run it on the command line or on a server, or give its functions fewer locals"
    )]
    StackTooSmall {
        /// Calls nested, the one that failed included.
        nested_calls: u32,
    },
    /// The run was cancelled by the caller.
    #[error("cancelled")]
    Cancelled,
}
