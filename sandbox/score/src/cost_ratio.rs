use crate::ScoreError;
use crate::numbers::{cost, positive};

/// Cost of a sample over cost of a reference, the raw number that stands beside every metric.
///
/// Metrics hide it: eff@k saturates below the reference's cost, DPS is ordinal and efficient@k binary. Dimensionless,
/// from 0: below 1 the sample is cheaper. Trap: [`crate::Speedup`] is the other way up.
///
/// # Errors
/// [`ScoreError::NotPositive`] for a reference that costs nothing; [`ScoreError::NotACost`] for a sample's cost that is
/// NaN, infinite or negative.
pub fn cost_ratio(sample: f64, reference: f64) -> Result<f64, ScoreError> {
    let reference = positive("a reference cost", reference)?;
    let ratio = cost("a sample cost", sample)? / reference;
    if ratio.is_finite() { Ok(ratio) } else { Err(ScoreError::NotFinite { what: "a cost ratio", value: ratio }) }
}

/// Geometric mean: `exp(mean(ln x))`, the fair mean of ratios. Unit of the input, positive.
///
/// Logarithms are computed in plain Rust, so that every platform gives the same bits.
///
/// # Errors
/// [`ScoreError::Empty`] without values; [`ScoreError::NotPositive`] for values that are not finite and above 0.
pub fn geometric_mean(values: &[f64]) -> Result<f64, ScoreError> {
    if values.is_empty() {
        return Err(ScoreError::Empty { what: "values" });
    }
    let mut sum = 0.0;
    for &value in values {
        sum += libm::log(positive("a value", value)?);
    }
    Ok(libm::exp(sum / values.len() as f64))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hand_sums() {
        assert_eq!(cost_ratio(50.0, 200.0), Ok(0.25));
        assert_eq!(cost_ratio(0.0, 200.0), Ok(0.0));
        assert!((geometric_mean(&[2.0, 8.0]).unwrap() - 4.0).abs() < 1e-12);
        assert!((geometric_mean(&[1e300, 1e-300, 1e300, 1e-300]).unwrap() - 1.0).abs() < 1e-12, "no overflow");
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(cost_ratio(1.0, 0.0).is_err() && cost_ratio(f64::NAN, 1.0).is_err() && cost_ratio(-1.0, 1.0).is_err());
        assert!(cost_ratio(1e300, 1e-300).is_err(), "an overflow is no ratio");
        assert!(geometric_mean(&[]).is_err() && geometric_mean(&[1.0, 0.0]).is_err());
    }
}
