//! How long to wait before a request is tried again.

use std::time::{Duration, SystemTime};

use httpdate::parse_http_date;

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

/// How long `Retry-After` asks to wait: seconds, or a date in one of HTTP's three forms (RFC 9110, sections 5.6.7 and
/// 10.2.3).
///
/// A date is held against `date`, the answer's own `Date`, so that the two clocks need not agree; against `clock` only
/// where that header is missing or makes no sense. One that has passed asks for no wait.
pub(crate) fn retry_after(header: &str, date: &str, clock: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let until = parse_http_date(header.trim()).ok()?;
    let now = parse_http_date(date.trim()).unwrap_or(clock);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn seconds_and_all_forms_of_dates_are_understood() {
        let now = parse_http_date("Sun, 06 Nov 1994 08:49:30 GMT").unwrap();
        let seconds = |header: &str, date: &str| retry_after(header, date, now).map(|wait| wait.as_secs());
        assert_eq!(seconds(" 120 ", ""), Some(120));
        for form in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(seconds(form, ""), Some(7), "{form}");
            assert_eq!(seconds(form, "Sun, 06 Nov 1994 08:49:35 GMT"), Some(2), "by the answer's own clock");
            assert_eq!(seconds(form, "today"), Some(7));
            assert_eq!(seconds(form, "Mon, 07 Nov 1994 08:49:35 GMT"), Some(0), "it has passed");
        }
        for strange in ["", "soon", "-1", "1.5", "4294967296", "Sun, 36 Nov 1994 08:49:37 GMT"] {
            assert_eq!(seconds(strange, ""), None, "{strange}");
        }
    }
}
