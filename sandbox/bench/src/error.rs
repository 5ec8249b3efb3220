/// Input that cannot be read. Every message names the file, and the line and field where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// A file of the wrong form.
    #[error("{file}{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Format {
        /// Name of the file.
        file: String,
        /// Line from 1, where it is known.
        line: Option<u64>,
        /// Which field, what is wrong, how to mend it.
        message: String,
    },
    /// A problem id that the benchmark does not hold.
    #[error("there is no problem `{id}`; ids look like `{example}`")]
    UnknownProblem {
        /// The id asked for.
        id: String,
        /// One that exists.
        example: String,
    },
    /// A trusted job's reply that makes no sense.
    #[error("{what} of {task_id} gave an unusable reply: {message}")]
    Reply {
        /// Which job.
        what: &'static str,
        /// Which problem.
        task_id: String,
        /// What was wrong.
        message: String,
    },
}

impl BenchError {
    pub(crate) fn format(file: &str, line: Option<u64>, message: impl Into<String>) -> Self {
        Self::Format { file: file.to_owned(), line, message: message.into() }
    }
}
