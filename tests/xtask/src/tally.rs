//! What was counted: passed, failed, and every skip with its reason.

/// Counts of one stage or of all stages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Checks that held.
    pub(crate) passed: u64,
    /// Checks that did not.
    pub(crate) failed: u64,
    /// One line for each check that was not made: its name and the reason.
    pub(crate) skips: Vec<String>,
}

impl Tally {
    /// Adds the counts of a stage.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skips.extend(other.skips);
    }

    /// The closing line.
    pub(crate) fn line(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skips.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_plain() {
        let mut all = Tally { passed: 2, failed: 0, skips: Vec::new() };
        all.add(Tally { passed: 1, failed: 3, skips: vec!["gpu: no adapter".into()] });
        assert_eq!(all.line(), "3 passed, 3 failed, 1 skipped");
    }
}
