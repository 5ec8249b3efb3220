//! What stands in the fields, and the limits it means.

use frugal_wire::Limits;

/// One megabyte as memory is counted, in bytes.
const MEBIBYTE: u64 = 1 << 20;
/// Kibibyte, in bytes.
const KIBIBYTE: u64 = 1 << 10;

/// What stands in the fields; text, so that nothing is lost or rounded while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsFields {
    /// Fuel, in units.
    pub fuel: String,
    /// Memory, in MiB.
    pub memory_mib: String,
    /// Output, in KiB.
    pub output_kib: String,
    /// Nested calls.
    pub call_depth: String,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: String,
}

impl From<Limits> for LimitsFields {
    fn from(limits: Limits) -> Self {
        Self {
            fuel: limits.fuel.to_string(),
            memory_mib: (limits.memory_bytes / MEBIBYTE).to_string(),
            output_kib: (limits.output_bytes / KIBIBYTE).to_string(),
            call_depth: limits.call_depth.to_string(),
            wall_ms: limits.wall_ms.to_string(),
        }
    }
}

impl LimitsFields {
    /// The limits meant; `setup_fuel` is not shown and stays as in `Limits::default()`.
    ///
    /// # Errors
    /// The field's name and what to type instead, for the first field that is no number in its range.
    pub fn limits(&self) -> Result<Limits, (&'static str, String)> {
        let default = Limits::default();
        Ok(Limits {
            fuel: number("fuel", &self.fuel, 0, i64::MAX as u64 - 1)?,
            memory_bytes: number("memory", &self.memory_mib, 1, 4_095)? * MEBIBYTE,
            output_bytes: number("output", &self.output_kib, 1, MEBIBYTE)? * KIBIBYTE,
            call_depth: u32::try_from(number("depth", &self.call_depth, 1_000, 1_000_000)?)
                .unwrap_or(default.call_depth),
            wall_ms: number("time", &self.wall_ms, 1, 86_400_000)?,
            setup_fuel: default.setup_fuel,
        })
    }
}

/// Digits with or without grouping by spaces or underscores.
fn number(name: &'static str, text: &str, min: u64, max: u64) -> Result<u64, (&'static str, String)> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    digits
        .parse::<u64>()
        .ok()
        .filter(|value| !digits.starts_with('+') && (min..=max).contains(value))
        .ok_or_else(|| (name, format!("Type a whole number from {min} to {max}.")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn defaults_survive_the_form() {
        assert_eq!(LimitsFields::from(Limits::default()).limits().unwrap(), Limits::default());
    }

    #[test]
    fn fuel_above_2_to_53_stays_exact() {
        let fields = LimitsFields { fuel: "9 007 199 254 740 993".into(), ..Limits::default().into() };
        assert_eq!(fields.limits().unwrap().fuel, (1 << 53) + 1);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for bad in ["", "-1", "+5", "1e9", "1.5", "99999999999999999999", "x"] {
            let fields = LimitsFields { fuel: bad.into(), ..Limits::default().into() };
            assert_eq!(fields.limits().unwrap_err().0, "fuel", "{bad:?}");
        }
        let fields = LimitsFields { call_depth: "999".into(), ..Limits::default().into() };
        assert_eq!(fields.limits().unwrap_err().0, "depth");
    }
}
