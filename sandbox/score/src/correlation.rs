//! Whether two costs of the same things go together.

use crate::ScoreError;
use crate::numbers::{finite, mean, positive, same_length};

/// Pearson's correlation: `sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2 * sum (y - mean y)^2)`.
///
/// Dimensionless, in [-1, 1] up to a rounding of the last digits, which is left as it is. Both lists are scaled first, so
/// that no finite input overflows. Trap: over costs of many sizes the largest few decide; see [`log_log_pearson`].
///
/// # Errors
/// [`ScoreError::Length`] for lists of two lengths, [`ScoreError::TooFew`] below 2 points, [`ScoreError::NotFinite`],
/// [`ScoreError::Constant`] when all values of a list are equal.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<f64, ScoreError> {
    same_length("values of the second list", y.len(), x.len())?;
    if x.len() < 2 {
        return Err(ScoreError::TooFew { what: "points", actual: x.len(), least: 2 });
    }
    let (a, b) = (centred(x)?, centred(y)?);
    let (mut product, mut a_squares, mut b_squares) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        product += a * b;
        a_squares += a * a;
        b_squares += b * b;
    }
    Ok(product / (a_squares * b_squares).sqrt())
}

/// Pearson's correlation of the logarithms: how well one cost is a power of the other, every size weighing alike.
///
/// Dimensionless, in [-1, 1] up to rounding. Logarithms are computed in plain Rust: the same bits everywhere.
///
/// # Errors
/// Those of [`pearson`], and [`ScoreError::NotPositive`] for values of 0 or below.
pub fn log_log_pearson(x: &[f64], y: &[f64]) -> Result<f64, ScoreError> {
    let logarithms = |values: &[f64]| -> Result<Vec<f64>, ScoreError> {
        values.iter().map(|&value| Ok(libm::log(positive("a value", value)?))).collect()
    };
    pearson(&logarithms(x)?, &logarithms(y)?)
}

/// Spearman's rank correlation: [`pearson`] of the [`average_ranks`], so that ties are exact.
///
/// Dimensionless, in [-1, 1] up to rounding. Trap: the short formula `1 - 6 sum d^2 / (n^3 - n)` is wrong with ties.
///
/// # Errors
/// Those of [`pearson`].
pub fn spearman(x: &[f64], y: &[f64]) -> Result<f64, ScoreError> {
    pearson(&average_ranks(x)?, &average_ranks(y)?)
}

/// Ranks from 1, ascending; equal values share the mean of their places.
///
/// # Errors
/// [`ScoreError::NotFinite`] for NaN and infinities.
pub fn average_ranks(values: &[f64]) -> Result<Vec<f64>, ScoreError> {
    finite("a value", values)?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    // chunked by `==`, not by the order's own equality, because 0.0 and -0.0 are one value
    let mut begin = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = (2 * begin + tied.len() + 1) as f64 / 2.0;
        for &at in tied {
            ranks[at] = rank;
        }
        begin += tied.len();
    }
    Ok(ranks)
}

/// Deviations from the mean, scaled so that the largest is 1 in size.
fn centred(values: &[f64]) -> Result<Vec<f64>, ScoreError> {
    finite("a value", values)?;
    if values.iter().all(|value| *value == values[0]) {
        return Err(ScoreError::Constant { value: values[0] });
    }
    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let size = largest(values);
    let mut scaled: Vec<f64> = values.iter().map(|value| value / size).collect();
    let centre = mean(&scaled);
    scaled.iter_mut().for_each(|value| *value -= centre);
    let size = largest(&scaled);
    if size == 0.0 {
        return Err(ScoreError::Constant { value: values[0] }); // differences below the last digit
    }
    scaled.iter_mut().for_each(|value| *value /= size);
    Ok(scaled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hand_sums() {
        assert!((pearson(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]).unwrap() - 0.5).abs() < 1e-12);
        assert!((pearson(&[1.0, 2.0, 4.0], &[-2.0, -4.0, -8.0]).unwrap() + 1.0).abs() < 1e-12);
        // y = 3 x^2 is a line in logarithms
        let (x, y) = ([1.0, 10.0, 100.0, 1e6], [3.0, 300.0, 3e4, 3e12]);
        assert!((log_log_pearson(&x, &y).unwrap() - 1.0).abs() < 1e-12);
        assert!(pearson(&x, &[1.0, 2.0, 3.0, 4.0]).unwrap() < 0.9);
    }

    #[test]
    fn ties_share_their_rank() {
        assert_eq!(average_ranks(&[10.0, 20.0, 10.0, 5.0]).unwrap(), [2.5, 4.0, 2.5, 1.0]);
        assert_eq!(average_ranks(&[0.0, -0.0]).unwrap(), [1.5, 1.5]);
        assert_eq!(average_ranks(&[]).unwrap(), [0.0; 0]);
        // ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5)
        let got = spearman(&[1.0, 2.0, 2.0, 9.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((got - 4.5 / 22.5_f64.sqrt()).abs() < 1e-12);
        assert!((spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1e9]).unwrap() - 1.0).abs() < 1e-12, "any rising curve");
    }

    #[test]
    fn large_numbers_do_not_overflow() {
        let (x, y) = ([1e308, -1e308, 1.7e308], [1e-308, 1e-300, 2e-308]);
        let got = pearson(&x, &y).unwrap();
        assert!((-1.0..=-0.9).contains(&got), "{got}");
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert_eq!(
            pearson(&[1.0, 2.0], &[1.0]),
            Err(ScoreError::Length { what: "values of the second list", actual: 1, expected: 2 })
        );
        assert!(matches!(pearson(&[1.0], &[1.0]), Err(ScoreError::TooFew { .. })));
        assert_eq!(pearson(&[3.0, 3.0], &[1.0, 2.0]), Err(ScoreError::Constant { value: 3.0 }));
        assert!(matches!(pearson(&[1.0, f64::NAN], &[1.0, 2.0]), Err(ScoreError::NotFinite { .. })));
        assert!(log_log_pearson(&[0.0, 1.0], &[1.0, 2.0]).is_err());
        assert!(spearman(&[f64::NAN, 1.0], &[1.0, 2.0]).is_err());
    }
}
