//! Names of results by their content.

use std::fmt::Write as _;

use frugal_fuel::{Job, Limits, Value};
use sha2::{Digest, Sha256};

/// Lower-case hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts collide by concatenation.
#[derive(Debug, Clone)]
pub struct ContentKey(Sha256);

impl ContentKey {
    /// Starts a key of one purpose, such as `frugal-job-1`.
    pub fn new(purpose: &str) -> Self {
        Self(Sha256::new()).part(purpose.as_bytes())
    }

    /// Adds one part.
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.part(&number.to_le_bytes())
    }

    /// Adds every limit.
    #[must_use]
    pub fn limits(self, limits: &Limits) -> Self {
        [
            limits.fuel,
            limits.setup_fuel,
            limits.memory_bytes,
            limits.output_bytes,
            limits.call_depth.into(),
            limits.wall_ms,
        ]
        .into_iter()
        .fold(self, Self::number)
    }

    /// The key, 64 lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The name of a job's result: equal jobs under equal limits and cost table have equal measurements.
///
/// `cost_table` is the version's name, such as `fuel-1`. 64 hexadecimal digits.
pub fn job_key(job: &Job, limits: &Limits, cost_table: &str) -> String {
    let key = ContentKey::new("frugal-job-1").part(cost_table.as_bytes()).limits(limits);
    let key = match job {
        Job::Module(module) => {
            let key = key.part(b"module").part(&module.bytes).part(module.export.as_bytes());
            module
                .arguments
                .iter()
                .fold(key, |key, value| key.part(value.value_type().to_string().as_bytes()).number(bits(*value)))
        }
        Job::Guest(guest) | Job::Profile(guest) => key
            .part(if matches!(job, Job::Profile(_)) { b"profile".as_slice() } else { b"guest" })
            .part(guest.guest.language.name().as_bytes())
            .part(guest.guest.version.as_bytes())
            .part(guest.guest.sha256.as_bytes())
            .part(&guest.define)
            .part(&guest.prepare),
    };
    key.finish()
}

fn bits(value: Value) -> u64 {
    match value {
        Value::I32(value) => u64::from(value.cast_unsigned()),
        Value::I64(value) => value.cast_unsigned(),
        Value::F32(bits) => bits.into(),
        Value::F64(bits) => bits,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
