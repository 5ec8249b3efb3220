//! How long to wait before a request is tried again.

use std::time::Duration;

use crate::ChatError;

/// Before the second attempt; doubles with each one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause of our own is longer.
const PAUSE_MAX: Duration = Duration::from_secs(20);

/// The pause after the `attempt`-th request failed, from 1; `None` where waiting is no use: the failure is final, these were
/// all attempts, or the endpoint asks for more patience than `retry_after_max`.
pub(crate) fn pause(error: &ChatError, attempt: u32, attempts_max: u32, retry_after_max: Duration) -> Option<Duration> {
    if !error.is_passing() || attempt >= attempts_max {
        return None;
    }
    if let ChatError::Busy { retry_after: Some(asked), .. } = error {
        return (*asked <= retry_after_max).then_some(*asked);
    }
    let doubled = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
    Some(doubled.min(PAUSE_MAX))
}

/// `Retry-After` in seconds. Its other form, a date, needs both clocks to agree; our own pause stands in for it.
pub(crate) fn retry_after(header: &str) -> Option<Duration> {
    header.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()))
}
