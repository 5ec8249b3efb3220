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

/// Limits of generators and checkers, which are trusted: generous, and never the reason of a verdict.
pub(crate) fn trusted(limits: &Limits) -> Limits {
    Limits {
        fuel: limits.fuel.max(10_000_000_000_000),
        setup_fuel: limits.setup_fuel.max(20_000_000_000),
        memory_bytes: limits.memory_bytes.max(2 << 30),
        output_bytes: 512 << 20,
        ..*limits
    }
}

/// Every limit by name, for the parts of a key.
pub(crate) fn parts(limits: &Limits) -> [(&'static str, String); 6] {
    let Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms } = *limits;
    [
        ("fuel", fuel.to_string()),
        ("setup fuel", setup_fuel.to_string()),
        ("memory bytes", memory_bytes.to_string()),
        ("output bytes", output_bytes.to_string()),
        ("call depth", call_depth.to_string()),
        ("wall ms", wall_ms.to_string()),
    ]
}
