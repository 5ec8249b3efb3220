//! Reads the lines that Rust's test harness and Playwright print.

use crate::tally::Tally;

/// Takes one line of `cargo test` into account.
///
/// Counts come from the `test result:` line of each binary, reasons from the line of the ignored test.
pub(crate) fn see_rust(line: &str, tally: &mut Tally) {
    if let Some(counts) = line.strip_prefix("test result: ") {
        tally.passed += count_before(counts, " passed");
        tally.failed += count_before(counts, " failed");
    } else if let Some((name, rest)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ignored")) {
        let reason = rest.trim_start_matches(", ");
        let reason = if reason.is_empty() { "ignored without a reason" } else { reason };
        tally.skips.push(format!("{name}: {reason}"));
    }
}

/// Takes one line of Playwright's `list` reporter into account: its closing `  3 passed (1.2s)` lines, and the
/// `  -  7 file.spec.ts:3:1 › title` line of each skipped test.
pub(crate) fn see_playwright(line: &str, tally: &mut Tally) {
    let text = line.trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [count, "passed"] | [count, "passed", _] => tally.passed += count.parse().unwrap_or(0),
        [count, "failed"] | [count, "interrupted"] | [count, "flaky"] => tally.failed += count.parse().unwrap_or(0),
        [count, "did", "not", "run"] => tally.failed += count.parse().unwrap_or(0),
        ["-", number, title @ ..] if number.parse::<u64>().is_ok() => {
            tally.skips.push(format!("{}: skipped by its spec", title.join(" ")));
        }
        _ => {}
    }
}

/// Takes the closing line of the vector checker into account: `N passed, N failed, N unknown`.
pub(crate) fn see_vectors(line: &str, tally: &mut Tally) {
    if line.ends_with(" unknown") && line.contains(" passed, ") {
        tally.passed += count_before(line, " passed");
        tally.failed += count_before(line, " failed");
    }
}

/// The integer that stands directly before `word`; 0 where there is none.
fn count_before(text: &str, word: &str) -> u64 {
    let Some(end) = text.find(word) else { return 0 };
    let digits = text[..end].chars().rev().take_while(char::is_ascii_digit).count();
    text[end - digits..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(see: fn(&str, &mut Tally), text: &str) -> Tally {
        let mut tally = Tally::default();
        text.lines().for_each(|line| see(line, &mut tally));
        tally
    }

    #[test]
    fn rust_lines_give_counts_and_reasons() {
        let text = "running 3 tests\ntest a::b ... ok\ntest c ... FAILED\ntest d ... ignored, needs a GPU\n\
            test result: FAILED. 11 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s\n\
            test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        let want = Tally { passed: 18, failed: 2, skips: vec!["d: needs a GPU".into()] };
        assert_eq!(tally_of(see_rust, text), want);
    }

    #[test]
    fn playwright_lines_give_counts() {
        let text = "  ✓  1 code.spec.ts:3:1 › runs (1.2s)\n  -  2 code.spec.ts:9:1 › gpu\n  1 failed\n    code.spec.ts:3\n\
            \x20 1 skipped\n  2 did not run\n  10 passed (1.2m)";
        let want = Tally { passed: 10, failed: 3, skips: vec!["code.spec.ts:9:1 › gpu: skipped by its spec".into()] };
        assert_eq!(tally_of(see_playwright, text), want);
    }

    #[test]
    fn vector_lines_give_counts() {
        let want = Tally { passed: 12, failed: 1, skips: Vec::new() };
        assert_eq!(tally_of(see_vectors, "pass_at_k.json: 12 passed\n12 passed, 1 failed, 3 unknown"), want);
    }
}
