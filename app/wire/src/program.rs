//! What a person wants to run, as they typed it.

use frugal_report::LimitsReport;
use serde::{Deserialize, Serialize};

/// Code, and how to enter it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The code.
    pub code: Code,
    /// The call, or standard input.
    pub input: Input,
}

/// Code as text or as a binary module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Source text.
    Text {
        /// What it is written in.
        language: Language,
        /// The source.
        text: String,
    },
    /// A binary WebAssembly module.
    Module {
        /// Its bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// What text can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Run by the CPython guest.
    Python,
    /// Run by the Boa guest.
    Javascript,
    /// WebAssembly text, run as it is.
    Wat,
}

impl Language {
    /// The name used in files, links and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Javascript => "javascript",
            Self::Wat => "wat",
        }
    }
}

/// How to enter the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Call one function; only this form fits modules and WebAssembly text.
    Call {
        /// Name of the function or export.
        entry: String,
        /// Positional arguments, the text of a JSON array such as `[[1, 2], 3]`. For modules numbers; a
        /// float that JSON cannot write is a string: `"NaN"`, `"Infinity"`, `"-Infinity"`.
        arguments_json: String,
    },
    /// Run a whole program.
    Stdin {
        /// What it reads from standard input.
        text: String,
    },
}

/// Limits of one run; `sandbox/fuel` says what each means and which values are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Net fuel of the measured call, in units.
    pub fuel: u64,
    /// Fuel of defining the source, in units.
    pub setup_fuel: u64,
    /// Linear memory, in bytes; a multiple of 65,536.
    pub memory_bytes: u64,
    /// Result value and printed text together, in bytes.
    pub output_bytes: u64,
    /// Nested WebAssembly calls.
    pub call_depth: u32,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: u64,
}

impl Default for Limits {
    /// Those of `sandbox/fuel`; `tests/it` holds the two together.
    fn default() -> Self {
        Self {
            fuel: 10_000_000_000,
            setup_fuel: 10_000_000_000,
            memory_bytes: 512 << 20,
            output_bytes: 16 << 20,
            call_depth: 10_000,
            wall_ms: 60_000,
        }
    }
}

impl From<&LimitsReport> for Limits {
    fn from(report: &LimitsReport) -> Self {
        Self {
            fuel: report.fuel.0,
            setup_fuel: report.setup_fuel.0,
            memory_bytes: report.memory_bytes,
            output_bytes: report.output_bytes,
            call_depth: report.call_depth,
            wall_ms: report.wall_ms,
        }
    }
}
