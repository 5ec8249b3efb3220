//! How much repeated measurements of one thing differ.

use crate::ScoreError;
use crate::numbers::{cost, finite, mean, positive};

/// Mean and spread of repeated measurements, in their unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation, divisor n - 1.
    pub standard_deviation: f64,
}

/// Mean and sample standard deviation of repeated runs after dropping *one* largest and *one* smallest.
///
/// COFFE's rule (JohnnyPeng18/Coffe at 7979acb): 12 runs, of which 10 remain. Any number of runs from 4 is taken, so
/// that two remain. Unit of the input. Trap: of two equal largest runs one stays.
///
/// # Errors
/// [`ScoreError::TooFew`] below 4 runs; [`ScoreError::NotACost`] for NaN, infinities and negatives.
pub fn trimmed_spread(runs: &[f64]) -> Result<Spread, ScoreError> {
    if runs.len() < 4 {
        return Err(ScoreError::TooFew { what: "runs", actual: runs.len(), least: 4 });
    }
    let mut ordered = runs.to_vec();
    for &run in runs {
        cost("a run", run)?;
    }
    ordered.sort_by(f64::total_cmp);
    spread(&ordered[1..ordered.len() - 1])
}

/// Mean and sample standard deviation (divisor n - 1) of all values. Unit of the input.
///
/// # Errors
/// [`ScoreError::TooFew`] below 2 values; [`ScoreError::NotFinite`] for NaN and infinities.
pub fn spread(values: &[f64]) -> Result<Spread, ScoreError> {
    if values.len() < 2 {
        return Err(ScoreError::TooFew { what: "values", actual: values.len(), least: 2 });
    }
    finite("a value", values)?;
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Ok(Spread { mean, standard_deviation: (squares / (values.len() - 1) as f64).sqrt() })
}

/// Relative standard deviation: the mean of `standard_deviation / mean` over measured things.
///
/// COFFE takes it over every (problem, solution, test). Dimensionless, from 0; 0.01 is one percent. Trap: it is a mean
/// of quotients, so a cheap test with much noise weighs as much as a dear one.
///
/// # Errors
/// [`ScoreError::Empty`] without spreads; [`ScoreError::NotPositive`] for a mean of 0 or below;
/// [`ScoreError::NotACost`] for a deviation that is NaN, infinite or negative.
pub fn relative_standard_deviation(spreads: &[Spread]) -> Result<f64, ScoreError> {
    if spreads.is_empty() {
        return Err(ScoreError::Empty { what: "spreads" });
    }
    let mut sum = 0.0;
    for one in spreads {
        let deviation = cost("a standard deviation", one.standard_deviation)?;
        sum += deviation / positive("a mean", one.mean)?;
    }
    Ok(sum / spreads.len() as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hand_sums() {
        // 100 and 1 go, one of the two 5s stays: 3, 5, 5, 5, 7
        let got = trimmed_spread(&[5.0, 100.0, 3.0, 5.0, 7.0, 1.0, 5.0]).unwrap();
        assert_eq!((got.mean, got.standard_deviation), (5.0, 2.0_f64.sqrt()));
        let spreads =
            [Spread { mean: 10.0, standard_deviation: 1.0 }, Spread { mean: 1000.0, standard_deviation: 0.0 }];
        assert_eq!(relative_standard_deviation(&spreads), Ok(0.05));
    }

    #[test]
    fn equal_runs_have_no_spread() {
        assert_eq!(trimmed_spread(&[7.0; 12]), Ok(Spread { mean: 7.0, standard_deviation: 0.0 }));
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert_eq!(trimmed_spread(&[1.0; 3]), Err(ScoreError::TooFew { what: "runs", actual: 3, least: 4 }));
        assert!(trimmed_spread(&[1.0, 2.0, 3.0, f64::INFINITY]).is_err());
        assert!(spread(&[1.0]).is_err() && spread(&[1.0, f64::NAN]).is_err());
        let zero = Spread { mean: 0.0, standard_deviation: 1.0 };
        assert_eq!(relative_standard_deviation(&[zero]), Err(ScoreError::NotPositive { what: "a mean", value: 0.0 }));
        assert!(relative_standard_deviation(&[]).is_err());
        assert!(relative_standard_deviation(&[Spread { mean: 1.0, standard_deviation: f64::NAN }]).is_err());
    }
}
