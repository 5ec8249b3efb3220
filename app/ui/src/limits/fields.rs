//! What stands in the fields, and the limits it means.

use frugal_wire::Limits;

/// One megabyte as memory is counted, in bytes.
const MEBIBYTE: u64 = 1 << 20;
/// Kibibyte, in bytes.
const KIBIBYTE: u64 = 1 << 10;
/// Memory comes in pages of this many bytes.
const PAGE_BYTES: u64 = 64 << 10;
const FUEL_MAX: u64 = i64::MAX as u64 - 1;

/// What stands in the fields; text, so that nothing is lost or rounded while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsFields {
    /// Fuel, in units.
    pub fuel: String,
    /// Fuel of defining the source, in units.
    pub setup_fuel: String,
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
            setup_fuel: limits.setup_fuel.to_string(),
            memory_mib: in_units(limits.memory_bytes, MEBIBYTE),
            output_kib: in_units(limits.output_bytes, KIBIBYTE),
            call_depth: limits.call_depth.to_string(),
            wall_ms: limits.wall_ms.to_string(),
        }
    }
}

impl LimitsFields {
    /// The limits meant.
    ///
    /// # Errors
    /// The field's name and what to type instead, for the first field that is no number in its range.
    pub fn limits(&self) -> Result<Limits, (&'static str, String)> {
        let depth = number("depth", &self.call_depth, 1_000, 1_000_000)?;
        Ok(Limits {
            fuel: number("fuel", &self.fuel, 0, FUEL_MAX)?,
            setup_fuel: number("setup", &self.setup_fuel, 0, FUEL_MAX)?,
            memory_bytes: bytes("memory", &self.memory_mib, MEBIBYTE, PAGE_BYTES, 65_535 * PAGE_BYTES)?,
            output_bytes: bytes("output", &self.output_kib, KIBIBYTE, 1, 1 << 30)?,
            call_depth: u32::try_from(depth).unwrap_or(u32::MAX),
            wall_ms: number("time", &self.wall_ms, 1, 86_400_000)?,
        })
    }
}

/// `bytes` in units of `unit` bytes, a power of two: a decimal fraction holds it exactly.
fn in_units(bytes: u64, unit: u64) -> String {
    let mut text = (bytes / unit).to_string();
    let mut rest = bytes % unit;
    if rest > 0 {
        text.push('.');
    }
    while rest > 0 {
        rest *= 10;
        text.push_str(&(rest / unit).to_string());
        rest %= unit;
    }
    text
}

/// A number of units that comes to whole steps of `step` bytes.
fn bytes(name: &'static str, text: &str, unit: u64, step: u64, max: u64) -> Result<u64, (&'static str, String)> {
    let in_range = |bytes: &u64| (step..=max).contains(bytes) && bytes.is_multiple_of(step);
    read_units(text, unit).filter(in_range).ok_or_else(|| {
        let (least, most) = (in_units(step, unit), in_units(max, unit));
        (name, format!("Type a number from {least} to {most}, in steps of {least}."))
    })
}

/// Reads what [`in_units`] writes, and the same with grouped digits. `None` where it means no whole byte.
fn read_units(text: &str, unit: u64) -> Option<u64> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || fraction.len() > 20 {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? * u128::from(unit) };
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    part.is_multiple_of(scale).then(|| u64::try_from(part / scale).ok()?.checked_add(whole)).flatten()
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
    fn every_limit_of_a_link_survives_the_form() {
        for (memory_bytes, output_bytes) in
            [(65_536, 1), (3 << 19, 1_023), (65_535 * PAGE_BYTES, 1 << 30), (1 << 20, 1_025)]
        {
            let limits = Limits {
                fuel: (1 << 53) + 1,
                setup_fuel: (1 << 53) + 3,
                memory_bytes,
                output_bytes,
                call_depth: 1_234,
                wall_ms: 77,
            };
            assert_eq!(LimitsFields::from(limits).limits().unwrap(), limits);
        }
        assert_eq!(LimitsFields::from(Limits { memory_bytes: 3 << 19, ..Limits::default() }).memory_mib, "1.5");
    }

    #[test]
    fn parts_of_a_page_or_a_byte_are_refused() {
        for bad in [
            "",
            "0",
            ".5",
            "0.03125",
            "0.1",
            "1.5.5",
            "-1",
            "4096",
            "99999999999999999999",
            "1e3",
            "1.000000000000000000001",
        ] {
            let fields = LimitsFields { memory_mib: bad.into(), ..Limits::default().into() };
            assert_eq!(fields.limits().map_err(|(field, _)| field), Err("memory"), "{bad:?}");
        }
        let fields = LimitsFields { output_kib: "0.1".into(), ..Limits::default().into() };
        assert_eq!(fields.limits().unwrap_err().0, "output");
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
