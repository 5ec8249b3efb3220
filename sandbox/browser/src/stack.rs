//! What it means when the engine's own stack ends before the depth limiter stops a run.

use frugal_fuel::{Limits, Outcome, RunError};

/// Judges a run that overflowed the engine's stack: out of depth, unless so few calls were nested that no
/// run may be. The latter says something about this engine, whose frames grow with a function's locals and
/// whose stack a page cannot enlarge, and nothing about the job.
///
/// `remaining_calls` is the depth counter as the caller of the failed call left it.
///
/// # Errors
/// [`RunError::StackTooSmall`] at [`Limits::CALL_DEPTH_MIN`] nested calls or fewer.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
pub(crate) fn overflowed(call_depth: u32, remaining_calls: i32) -> Result<Outcome, RunError> {
    // The failed call counts too.
    let nested_calls = (i64::from(call_depth) - i64::from(remaining_calls)).saturating_add(1);
    match u32::try_from(nested_calls) {
        Ok(nested_calls) if nested_calls > Limits::CALL_DEPTH_MIN => Ok(Outcome::OutOfDepth),
        nested_calls => Err(RunError::StackTooSmall { nested_calls: nested_calls.unwrap_or_default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_run_is_out_of_depth_at_a_thousand_nested_calls() {
        let limit = 10_000;
        assert_eq!(overflowed(limit, 0), Ok(Outcome::OutOfDepth));
        assert_eq!(overflowed(limit, 9_000), Ok(Outcome::OutOfDepth), "the 1,001st call failed");
        for (remaining, nested_calls) in [(9_001, 1_000), (9_500, 501), (10_000, 1)] {
            assert_eq!(overflowed(limit, remaining), Err(RunError::StackTooSmall { nested_calls }));
        }
        // A counter that no run can leave behind proves no depth.
        assert!(overflowed(limit, i32::MAX).is_err());
    }

    #[test]
    fn the_error_says_what_to_do() {
        let sentence = RunError::StackTooSmall { nested_calls: 640 }.to_string();
        assert!(sentence.contains("640") && sentence.contains("command line"), "{sentence}");
    }
}
