//! Whether a model fits into this machine's memory, before it is fetched.

use frugal_model::config::Config;

use crate::failure::say;

/// Tokens of cache that are counted.
const CONTEXT: usize = 4096;

/// Says what a model will take.
pub(super) fn tell(name: &str, download_bytes: u64, config: &Config) {
    let parameters = config.parameters();
    let context = CONTEXT.min(config.context);
    let cache = 8 * (config.layers * config.kv_heads * config.head_size * context) as u64;
    say(format_args!("{name}: {parameters} parameters, {} on disk", shown(download_bytes)));
    // Codes come in groups of 32 with a scale of 2 bytes.
    let held = [
        ("f32", parameters.saturating_mul(4)),
        ("f16", parameters.saturating_mul(2)),
        ("q8_0", parameters.div_ceil(32).saturating_mul(34)),
        ("q4_0", parameters.div_ceil(32).saturating_mul(18)),
    ];
    let available = memory_available_bytes();
    let words = held.map(|(storage, bytes)| {
        let bytes = bytes.saturating_add(cache);
        let verdict = match available {
            Some(available) if bytes > available => " (does not fit)",
            _ => "",
        };
        format!("{storage} {}{verdict}", shown(bytes))
    });
    let of = available.map_or_else(String::new, |bytes| format!(", of {} free", shown(bytes)));
    say(format_args!("in memory with {context} tokens of cache: {}{of}", words.join(", ")));
}

/// Bytes for people.
pub(super) fn shown(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // Three digits are shown.
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// What the system says is free; `None` where it is not asked.
fn memory_available_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[test]
fn sizes_are_readable() {
    assert_eq!([0, 999, 1000, 999_949, 1_500_000_000].map(shown), ["0 B", "999 B", "1.0 kB", "1.0 MB", "1.5 GB"]);
}
