use frugal_fuel::Limits;
use frugal_report::{FuelUnits, LimitsReport};

/// Limits as every report shows them.
pub(crate) fn limits_report(limits: &Limits) -> LimitsReport {
    LimitsReport {
        fuel: FuelUnits(limits.fuel),
        setup_fuel: FuelUnits(limits.setup_fuel),
        memory_bytes: limits.memory_bytes,
        output_bytes: limits.output_bytes,
        call_depth: limits.call_depth,
        wall_ms: limits.wall_ms,
    }
}
