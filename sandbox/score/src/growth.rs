//! How a cost grows with the size of its input.

use crate::ScoreError;
use crate::numbers::{mean, positive, same_length};

/// `cost = constant * size^exponent`, fitted over sizes of every magnitude alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// The fitted exponent: 1 for linear, 2 for quadratic.
    pub exponent: f64,
    /// Lower end of its 95 % interval; minus infinity for two points, which leave no residual to judge by.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
    /// The exponent between the two largest sizes: where the fit still bends, the truer one.
    pub last: f64,
}

/// Least squares of the logarithms, with Student's interval of the slope (`n - 2` degrees of freedom).
///
/// `sizes` and `costs` are positive and of one length, at least 2; two sizes differ. Trap: fuel has no noise, so the
/// interval says how well a power law describes the points (a constant part bends small sizes), not how far a repeat
/// would stray. Logarithms are computed in plain Rust: the same bits everywhere.
///
/// # Errors
/// [`ScoreError::Length`], [`ScoreError::TooFew`], [`ScoreError::NotPositive`], and [`ScoreError::Constant`] where all
/// sizes are equal.
pub fn growth(sizes: &[f64], costs: &[f64]) -> Result<Growth, ScoreError> {
    same_length("costs", costs.len(), sizes.len())?;
    if sizes.len() < 2 {
        return Err(ScoreError::TooFew { what: "points", actual: sizes.len(), least: 2 });
    }
    let logarithms = |what, values: &[f64]| -> Result<Vec<f64>, ScoreError> {
        values.iter().map(|&value| Ok(libm::log(positive(what, value)?))).collect()
    };
    let (x, y) = (logarithms("a size", sizes)?, logarithms("a cost", costs)?);
    let (x_mean, y_mean) = (mean(&x), mean(&y));
    let (mut product, mut squares) = (0.0, 0.0);
    for (x, y) in x.iter().zip(&y) {
        product += (x - x_mean) * (y - y_mean);
        squares += (x - x_mean) * (x - x_mean);
    }
    if squares == 0.0 {
        return Err(ScoreError::Constant { value: sizes[0] });
    }
    let exponent = product / squares;
    let residual = |(x, y): (&f64, &f64)| {
        let off = (y - y_mean) - exponent * (x - x_mean);
        off * off
    };
    let residuals: f64 = x.iter().zip(&y).map(residual).sum();
    let freedom = x.len() - 2;
    let reach = match freedom {
        0 => f64::INFINITY,
        _ => student(freedom) * (residuals / freedom as f64 / squares).sqrt(),
    };
    Ok(Growth { exponent, low: exponent - reach, high: exponent + reach, last: last(&x, &y).unwrap_or(exponent) })
}

/// Slope between the two largest sizes that differ.
fn last(x: &[f64], y: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[b].total_cmp(&x[a]));
    let (&top, rest) = order.split_first()?;
    let below = rest.iter().copied().find(|&at| x[at] < x[top])?;
    Some((y[top] - y[below]) / (x[top] - x[below]))
}

/// The 0.975 quantile of Student's distribution, to three digits up to 30 degrees of freedom and within 0.2 % above:
/// the first two terms of its expansion about the normal quantile (Abramowitz and Stegun 26.7.5).
fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];
    const NORMAL: f64 = 1.959_964;
    let beyond = NORMAL + (NORMAL * NORMAL * NORMAL + NORMAL) / (4.0 * freedom as f64);
    TABLE.get(freedom - 1).copied().unwrap_or(beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_is_found_exactly() {
        let sizes = [8.0, 16.0, 32.0, 64.0, 128.0];
        let costs = sizes.map(|size: f64| 3.0 * size * size);
        let found = growth(&sizes, &costs).unwrap();
        for value in [found.exponent, found.low, found.high, found.last] {
            assert!((value - 2.0).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn a_constant_part_bends_the_fit_but_not_the_last_step() {
        let sizes = [4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0];
        let found = growth(&sizes, &sizes.map(|size: f64| 500.0 + size * size)).unwrap();
        assert!(found.exponent < 1.8 && found.low < found.exponent && found.exponent < found.high, "{found:?}");
        assert!((found.last - 2.0).abs() < 1e-3, "{found:?}");
    }

    /// The textbook sums in another language, the standard error times the quantile 3.182446 at 3 degrees of freedom.
    #[test]
    fn the_interval_is_that_of_linear_regression() {
        let found = growth(&[1.0, 2.0, 4.0, 8.0, 16.0], &[10.0, 23.0, 37.0, 85.0, 170.0]).unwrap();
        assert!((found.exponent - 1.006_075_466_258_136_8).abs() < 1e-9, "{found:?}");
        assert!((found.high - found.exponent - 0.135_380_588_972_942_36).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn two_points_give_a_slope_without_an_interval() {
        let found = growth(&[1.0, 10.0], &[1.0, 1000.0]).unwrap();
        assert!((found.exponent - 3.0).abs() < 1e-12 && found.high.is_infinite(), "{found:?}");
    }

    #[test]
    fn what_has_no_slope_is_refused() {
        assert!(matches!(growth(&[1.0], &[1.0]), Err(ScoreError::TooFew { .. })));
        assert!(matches!(growth(&[2.0, 2.0], &[1.0, 3.0]), Err(ScoreError::Constant { .. })));
        assert!(matches!(growth(&[1.0, 2.0], &[0.0, 3.0]), Err(ScoreError::NotPositive { .. })));
        assert!(matches!(growth(&[1.0, 2.0], &[1.0]), Err(ScoreError::Length { .. })));
        assert!(growth(&[1.0, f64::NAN], &[1.0, 2.0]).is_err());
    }

    #[test]
    fn the_quantile_joins_its_expansion() {
        assert!((student(30) - 2.042).abs() < 1e-12 && (student(31) - 2.0395).abs() < 4e-3);
    }
}
