use frugal_fuel::Limits;
use frugal_report::{FuelUnits, LimitsReport};

/// Limits as every report shows them.
pub fn limits_report(limits: &Limits) -> LimitsReport {
    LimitsReport {
        fuel: FuelUnits(limits.fuel),
        setup_fuel: FuelUnits(limits.setup_fuel),
        memory_bytes: limits.memory_bytes,
        output_bytes: limits.output_bytes,
        call_depth: limits.call_depth,
        wall_ms: limits.wall_ms,
    }
}

/// The limits that a report shows.
pub fn limits_from_report(report: &LimitsReport) -> Limits {
    Limits {
        fuel: report.fuel.0,
        setup_fuel: report.setup_fuel.0,
        memory_bytes: report.memory_bytes,
        output_bytes: report.output_bytes,
        call_depth: report.call_depth,
        wall_ms: report.wall_ms,
    }
}
