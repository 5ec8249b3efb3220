//! Limits on the command line.

use clap::Args;
use frugal_fuel::Limits;
use frugal_report::FuelUnits;

/// Limits of one run; what is not given keeps its default.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits of one run")]
pub(crate) struct LimitArgs {
    /// Net fuel of the measured call, in units
    #[arg(long, value_name = "UNITS")]
    fuel: Option<FuelUnits>,
    /// Fuel of defining the source, in units
    #[arg(long, value_name = "UNITS")]
    setup_fuel: Option<FuelUnits>,
    /// Linear memory, in bytes; a multiple of 65536
    #[arg(long, value_name = "BYTES")]
    memory_bytes: Option<u64>,
    /// Result and printed text together, in bytes
    #[arg(long, value_name = "BYTES")]
    output_bytes: Option<u64>,
    /// Nested WebAssembly calls
    #[arg(long, value_name = "CALLS")]
    call_depth: Option<u32>,
    /// Wall-clock time, in milliseconds
    #[arg(long, value_name = "MS")]
    wall_ms: Option<u64>,
}

impl LimitArgs {
    /// `defaults` with what was given.
    pub(crate) fn over(&self, defaults: Limits) -> Limits {
        Limits {
            fuel: self.fuel.map_or(defaults.fuel, |units| units.0),
            setup_fuel: self.setup_fuel.map_or(defaults.setup_fuel, |units| units.0),
            memory_bytes: self.memory_bytes.unwrap_or(defaults.memory_bytes),
            output_bytes: self.output_bytes.unwrap_or(defaults.output_bytes),
            call_depth: self.call_depth.unwrap_or(defaults.call_depth),
            wall_ms: self.wall_ms.unwrap_or(defaults.wall_ms),
        }
    }
}
