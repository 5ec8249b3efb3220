//! Limits as a client writes them.

use frugal_fuel::Limits;
use frugal_report::FuelUnits;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;

/// Limits of one run; what is absent takes its default, or the server's maximum where that is lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsBody {
    /// Net fuel of the measured call, in units, as a decimal string.
    pub fuel: Option<FuelUnits>,
    /// Fuel of defining the source, in units, as a decimal string.
    pub setup_fuel: Option<FuelUnits>,
    /// Linear memory, in bytes; a multiple of 65,536.
    pub memory_bytes: Option<u64>,
    /// Result and printed text together, in bytes.
    pub output_bytes: Option<u64>,
    /// Nested WebAssembly calls; at least 1,000.
    pub call_depth: Option<u32>,
    /// Wall-clock time of the run, in milliseconds.
    pub wall_ms: Option<u64>,
}

impl LimitsBody {
    /// The limits to run with: as asked, else as `default`.
    ///
    /// # Errors
    /// 422 for a limit out of range or above `maxima`; nothing is clamped.
    pub(crate) fn resolve(self, default: &Limits, maxima: &Limits) -> Result<Limits, ApiError> {
        // Only what was not asked for follows the server's maxima.
        let limits = Limits {
            fuel: self.fuel.map_or(default.fuel.min(maxima.fuel), |fuel| fuel.0),
            setup_fuel: self.setup_fuel.map_or(default.setup_fuel.min(maxima.setup_fuel), |fuel| fuel.0),
            memory_bytes: self.memory_bytes.unwrap_or(default.memory_bytes.min(maxima.memory_bytes)),
            output_bytes: self.output_bytes.unwrap_or(default.output_bytes.min(maxima.output_bytes)),
            call_depth: self.call_depth.unwrap_or(default.call_depth.min(maxima.call_depth)),
            wall_ms: self.wall_ms.unwrap_or(default.wall_ms.min(maxima.wall_ms)),
        };
        for (name, value, most) in [
            ("fuel", limits.fuel, maxima.fuel),
            ("setup_fuel", limits.setup_fuel, maxima.setup_fuel),
            ("memory_bytes", limits.memory_bytes, maxima.memory_bytes),
            ("output_bytes", limits.output_bytes, maxima.output_bytes),
            ("call_depth", limits.call_depth.into(), maxima.call_depth.into()),
            ("wall_ms", limits.wall_ms, maxima.wall_ms),
        ] {
            if value > most {
                let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                let message = format!("limit `{name}` is {value}, above this server's {most}");
                return Err(ApiError::new(status, "limit_too_high", message)
                    .at(format!("limits.{name}"))
                    .hint("ask for less, or run it with the frugal command"));
            }
        }
        limits.validate().map_err(|error| ApiError::invalid("limits", error.to_string()))?;
        Ok(limits)
    }
}

/// Limits that this program chose, not a client: each at most the server's.
pub(crate) fn within(limits: &Limits, maxima: &Limits) -> Limits {
    Limits {
        fuel: limits.fuel.min(maxima.fuel),
        setup_fuel: limits.setup_fuel.min(maxima.setup_fuel),
        memory_bytes: limits.memory_bytes.min(maxima.memory_bytes),
        output_bytes: limits.output_bytes.min(maxima.output_bytes),
        call_depth: limits.call_depth.min(maxima.call_depth),
        wall_ms: limits.wall_ms.min(maxima.wall_ms),
    }
}
