//! Where a number comes from: everything another team needs to get it again.

use serde::{Deserialize, Serialize};

use crate::FuelUnits;

/// What counted, and what was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Version of Frugal, such as `0.1.0`.
    pub frugal_version: String,
    /// Engine and version, such as `wasmtime 48.0.8`.
    pub engine: String,
    /// `native` or `instrumented`; they agree on every finished run.
    pub meter: String,
    /// Name of the cost table, such as `fuel-1`. Fuel of two tables is not comparable.
    pub cost_table: String,
    /// The interpreter, for source text; absent for modules. Fuel of two guests is not comparable.
    pub guest: Option<GuestProvenance>,
    /// SHA-256 of the program's bytes (run), or of problems and samples together (evaluation), hexadecimal.
    pub program_sha256: String,
    /// SHA-256 over everything that decides the result: equal keys mean equal results. Hexadecimal.
    pub key: String,
}

/// A guest interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GuestProvenance {
    /// Such as `python`.
    pub language: String,
    /// Such as `cpython-3.14.0`.
    pub version: String,
    /// Digest of the uncompressed artefact, lower-case hexadecimal.
    pub sha256: String,
}

/// The limits a run was held to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitsReport {
    /// Of the measured call, in units. In an evaluation: of a reference's call; samples get `limit_fuel`.
    pub fuel: FuelUnits,
    /// Of defining the source, in units.
    pub setup_fuel: FuelUnits,
    /// Linear memory, in bytes.
    pub memory_bytes: u64,
    /// Result and printed text together, in bytes.
    pub output_bytes: u64,
    /// Nested WebAssembly calls.
    pub call_depth: u32,
    /// Wall-clock time of one run, in milliseconds.
    pub wall_ms: u64,
}
