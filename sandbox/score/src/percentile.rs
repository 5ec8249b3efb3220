use crate::ScoreError;
use crate::numbers::finite;

/// Percentile by linear interpolation between order statistics, numpy's default ("linear", Hyndman & Fan type 7).
///
/// With values ascending from index 0 and `h = (n - 1) * percent / 100`: `x[floor h] + (h - floor h) * (x[floor h + 1] -
/// x[floor h])`. Unit of the input. `percent` lies in [0, 100].
///
/// # Errors
/// [`ScoreError::Empty`], [`ScoreError::NotFinite`], [`ScoreError::OutOfRange`] for the percentage.
pub fn percentile(values: &[f64], percent: f64) -> Result<f64, ScoreError> {
    finite("a value", values)?;
    let mut ascending = values.to_vec();
    ascending.sort_by(f64::total_cmp);
    percentile_of_sorted(&ascending, percent)
}

/// [`percentile`] of values that are finite and ascend already.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an index between 0 and n - 1
pub(crate) fn percentile_of_sorted(ascending: &[f64], percent: f64) -> Result<f64, ScoreError> {
    if !(0.0..=100.0).contains(&percent) {
        return Err(ScoreError::OutOfRange { what: "a percentage", value: percent, low: 0.0, high: 100.0 });
    }
    let last = ascending.len().checked_sub(1).ok_or(ScoreError::Empty { what: "values" })?;
    let place = last as f64 * percent / 100.0;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Ok(ascending[below] + (place - place.floor()) * (ascending[above] - ascending[below]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_sums() {
        let values = [40.0, 10.0, 30.0, 20.0];
        assert_eq!(percentile(&values, 0.0), Ok(10.0));
        assert_eq!(percentile(&values, 100.0), Ok(40.0));
        assert_eq!(percentile(&values, 50.0), Ok(25.0));
        assert_eq!(percentile(&values, 90.0), Ok(37.0)); // h = 2.7
        assert_eq!(percentile(&[5.0], 99.0), Ok(5.0));
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(percentile(&[], 50.0).is_err() && percentile(&[1.0], 101.0).is_err());
        assert!(percentile(&[1.0], f64::NAN).is_err() && percentile(&[f64::NAN], 5.0).is_err());
    }
}
