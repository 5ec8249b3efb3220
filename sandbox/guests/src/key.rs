//! Names of results by their content.

use std::fmt::Write as _;

use frugal_fuel::{Job, Limits, Value};
use sha2::{Digest, Sha256};

/// Lower-case hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The name of a job's result: equal jobs under equal limits and cost table have equal measurements.
///
/// `cost_table` is the version's name, such as `fuel-1`. 64 hexadecimal digits.
pub fn job_key(job: &Job, limits: &Limits, cost_table: &str) -> String {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // The length before each part keeps different parts from running into one another.
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(b"frugal-job-1");
    part(cost_table.as_bytes());
    for number in [
        limits.fuel,
        limits.setup_fuel,
        limits.memory_bytes,
        limits.output_bytes,
        limits.call_depth.into(),
        limits.wall_ms,
    ] {
        part(&number.to_le_bytes());
    }
    match job {
        Job::Module(module) => {
            part(b"module");
            part(&module.bytes);
            part(module.export.as_bytes());
            for value in &module.arguments {
                part(value.value_type().to_string().as_bytes());
                part(&bits(*value).to_le_bytes());
            }
        }
        Job::Guest(guest) => {
            part(b"guest");
            part(guest.guest.language.name().as_bytes());
            part(guest.guest.version.as_bytes());
            part(guest.guest.sha256.as_bytes());
            part(&guest.define);
            part(&guest.prepare);
        }
    }
    hex(&hasher.finalize())
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
