//! How much a job may use.

/// Limits of one job. Every field is enforced by every runner; none is ever clamped in silence.
///
/// `fuel` bounds the measured call alone and is exact: a run that uses `fuel` units finishes, one that
/// needs one unit more is [`crate::Outcome::OutOfFuel`]. A runner therefore hands its engine
/// `fuel + 1` units, because engines stop when the *remaining* units reach zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Fuel of the measured call, in units. For guests: net fuel, so the baseline comes on top.
    pub fuel: u64,
    /// Fuel of a guest's `define` phase, in units: compiling and executing the source's top level.
    pub setup_fuel: u64,
    /// Linear memory, in bytes; a multiple of the 65,536-byte page.
    pub memory_bytes: u64,
    /// Everything a job hands back: result value, standard output and error together, in bytes.
    pub output_bytes: u64,
    /// Nested WebAssembly calls. The instrumented meter enforces it exactly; on wasmtime the stack's
    /// bytes bound the depth, so the depth reached there differs. At least [`Self::CALL_DEPTH_MIN`].
    pub call_depth: u32,
    /// Wall-clock time of the whole job without one-time compilation, in milliseconds.
    pub wall_ms: u64,
}

impl Limits {
    /// Largest fuel limit: engines hold fuel in a signed 64-bit cell, and one unit is kept for exactness.
    pub const FUEL_MAX: u64 = i64::MAX as u64 - 1;
    /// Largest memory limit, in bytes: 32-bit memories end at 4 GiB, less one page.
    pub const MEMORY_MAX_BYTES: u64 = (1 << 32) - Self::PAGE_BYTES;
    /// Smallest limit of nested calls: no run is out of depth at so many or fewer.
    pub const CALL_DEPTH_MIN: u32 = 1_000;
    /// Largest output limit, in bytes.
    pub const OUTPUT_MAX_BYTES: u64 = 1 << 30;
    /// Longest wall-clock limit, in milliseconds: a day.
    pub const WALL_MAX_MS: u64 = 24 * 3_600 * 1_000;
    /// One WebAssembly page, in bytes.
    pub const PAGE_BYTES: u64 = 65_536;

    /// Checks every field against what all runners can honour.
    ///
    /// # Errors
    /// The first [`LimitError`] found; nothing is clamped.
    pub fn validate(&self) -> Result<(), LimitError> {
        let range = |name, value: u64, min: u64, max: u64| {
            if (min..=max).contains(&value) { Ok(()) } else { Err(LimitError::OutOfRange { name, value, min, max }) }
        };
        range("fuel", self.fuel, 0, Self::FUEL_MAX)?;
        range("setup_fuel", self.setup_fuel, 1, Self::FUEL_MAX)?;
        range("memory_bytes", self.memory_bytes, Self::PAGE_BYTES, Self::MEMORY_MAX_BYTES)?;
        if !self.memory_bytes.is_multiple_of(Self::PAGE_BYTES) {
            return Err(LimitError::NotWholePages { memory_bytes: self.memory_bytes });
        }
        range("output_bytes", self.output_bytes, 1, Self::OUTPUT_MAX_BYTES)?;
        range("call_depth", self.call_depth.into(), Self::CALL_DEPTH_MIN.into(), 1_000_000)?;
        range("wall_ms", self.wall_ms, 1, Self::WALL_MAX_MS)
    }
}

impl Default for Limits {
    /// Ten thousand million units, 512 MiB, 16 MiB of output, depth 10,000, one minute.
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

/// A limit that no runner could honour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// A limit lies outside its range.
    #[error("limit `{name}` is {value}, but must lie between {min} and {max}")]
    OutOfRange {
        /// Field of [`Limits`].
        name: &'static str,
        /// What was asked for.
        value: u64,
        /// Smallest allowed.
        min: u64,
        /// Largest allowed.
        max: u64,
    },
    /// Memory is limited by whole pages.
    #[error("limit `memory_bytes` is {memory_bytes}, which is not a multiple of the 65536-byte page")]
    NotWholePages {
        /// What was asked for.
        memory_bytes: u64,
    },
}

/// Fuel that a guest may spend on `prepare` or `result` whatever their size, in units. The shipped guests need
/// at most 410,000 for small values.
pub const TRANSFER_FUEL_BASE: u64 = 1_000_000;
/// Fuel that a guest may spend on `prepare` for each byte of its request, in units. Values cost 40 to 900, an
/// integer of 20,000 digits 1,930 in Python and 2,500 in JavaScript.
pub const PREPARE_FUEL_PER_BYTE: u64 = 3_000;
/// Fuel that a guest may spend on `result` for each byte of its reply, in units. Values cost 20 to 1,000, floats
/// of extreme exponents 2,600, an integer of 20,000 digits 3,240.
pub const RESULT_FUEL_PER_BYTE: u64 = 4_000;

/// Fuel a guest may spend outside the marks on moving `bytes` bytes in (`prepare`) or out (`result`).
///
/// Moving data is not charged to the code under test, so it is bounded instead: work smuggled out of
/// the measured call into these phases ends the job once it exceeds this.
pub fn transfer_allowance_fuel(bytes: u64, fuel_per_byte: u64) -> u64 {
    TRANSFER_FUEL_BASE.saturating_add(bytes.saturating_mul(fuel_per_byte)).min(Limits::FUEL_MAX)
}
