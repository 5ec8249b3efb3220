//! Numbers as people read them. Fuel stays an integer throughout: nothing here passes it through a float.

/// Narrow no-break space: groups digits without letting a line break inside the number.
pub const THIN_SPACE: char = '\u{202f}';

/// `1234567` as `1 234 567`, grouped by [`THIN_SPACE`].
pub fn grouped(units: u64) -> String {
    let digits = units.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * THIN_SPACE.len_utf8());
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(THIN_SPACE);
        }
        text.push(digit);
    }
    text
}

/// `larger / smaller` with two decimals below 100 and none above, half up; `None` when `smaller` is 0.
pub fn ratio_text(larger: u64, smaller: u64) -> Option<String> {
    if smaller == 0 {
        return None;
    }
    let (larger, smaller) = (u128::from(larger), u128::from(smaller));
    let hundredths = (larger * 200 + smaller) / (smaller * 2);
    if hundredths >= 10_000 {
        let whole = (larger * 2 + smaller) / (smaller * 2);
        return Some(grouped(u64::try_from(whole).unwrap_or(u64::MAX)));
    }
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// How much less `smaller` is than `larger`, in percent of `larger` with one decimal, rounded down so that
/// 100 % is never claimed for a cost above zero. `None` when `larger` is 0.
pub fn saving_percent_text(larger: u64, smaller: u64) -> Option<String> {
    if larger == 0 || smaller > larger {
        return None;
    }
    let tenths = u128::from(larger - smaller) * 1_000 / u128::from(larger);
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

/// Bytes with a decimal unit: `812 B`, `45 kB`, `6.2 MB`.
pub fn bytes_text(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes}{THIN_SPACE}B"),
        1_000..1_000_000 => format!("{}{THIN_SPACE}kB", (bytes + 500) / 1_000),
        _ => {
            let tenths = (bytes + 50_000) / 100_000;
            format!("{}.{}{THIN_SPACE}MB", tenths / 10, tenths % 10)
        }
    }
}

/// Milliseconds: `0.42 ms`, `12 ms`, `3.1 s`.
pub fn wall_text(wall_ms: f64) -> String {
    if wall_ms < 10.0 {
        format!("{wall_ms:.2}{THIN_SPACE}ms")
    } else if wall_ms < 1_000.0 {
        format!("{wall_ms:.0}{THIN_SPACE}ms")
    } else {
        format!("{:.1}{THIN_SPACE}s", wall_ms / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(THIN_SPACE, " ")
    }

    #[test]
    fn groups_of_three() {
        for (units, want) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1 000"),
            (1_234_567, "1 234 567"),
            ((1 << 53) + 1, "9 007 199 254 740 993"),
            (u64::MAX, "18 446 744 073 709 551 615"),
        ] {
            assert_eq!(plain(&grouped(units)), want);
        }
    }

    #[test]
    fn ratios_round_half_up_and_never_overflow() {
        for (larger, smaller, want) in [
            (1, 1, "1.00"),
            (3, 2, "1.50"),
            (2, 3, "0.67"),
            (1_005, 1_000, "1.01"),
            (9_999, 100, "99.99"),
            (10_050, 100, "101"),
            (u64::MAX, 1, "18 446 744 073 709 551 615"),
        ] {
            assert_eq!(plain(&ratio_text(larger, smaller).unwrap()), want, "{larger}/{smaller}");
        }
        assert_eq!(ratio_text(1, 0), None);
    }

    #[test]
    fn savings_are_never_overstated() {
        assert_eq!(saving_percent_text(1_000, 1).unwrap(), "99.9");
        assert_eq!(saving_percent_text(1_000_000, 1).unwrap(), "99.9");
        assert_eq!(saving_percent_text(8, 5).unwrap(), "37.5");
        assert_eq!(saving_percent_text(7, 7).unwrap(), "0.0");
        assert_eq!(saving_percent_text(5, 8), None);
        assert_eq!(saving_percent_text(0, 0), None);
    }

    #[test]
    fn sizes_and_times() {
        for (bytes, want) in [(812, "812 B"), (45_300, "45 kB"), (6_249_999, "6.2 MB"), (6_250_000, "6.3 MB")] {
            assert_eq!(plain(&bytes_text(bytes)), want);
        }
        assert_eq!(plain(&wall_text(0.423)), "0.42 ms");
        assert_eq!(plain(&wall_text(3_120.0)), "3.1 s");
    }
}
