//! Checks and sums that every estimator shares.

use crate::ScoreError;

/// A finite number from 0.
pub(crate) fn cost(what: &'static str, value: f64) -> Result<f64, ScoreError> {
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(ScoreError::NotACost { what, value }) }
}

/// A finite number above 0.
pub(crate) fn positive(what: &'static str, value: f64) -> Result<f64, ScoreError> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(ScoreError::NotPositive { what, value }) }
}

/// All numbers are finite.
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), ScoreError> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(&value) => Err(ScoreError::NotFinite { what, value }),
        None => Ok(()),
    }
}

/// Two lists of one length.
pub(crate) fn same_length(what: &'static str, actual: usize, expected: usize) -> Result<(), ScoreError> {
    if actual == expected { Ok(()) } else { Err(ScoreError::Length { what, actual, expected }) }
}

/// Arithmetic mean of at least one number.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A sum of costs that is still finite.
pub(crate) fn total(what: &'static str, costs: &[f64]) -> Result<f64, ScoreError> {
    let mut sum = 0.0;
    for &value in costs {
        sum += cost(what, value)?;
    }
    if sum.is_finite() { Ok(sum) } else { Err(ScoreError::NotFinite { what, value: sum }) }
}
