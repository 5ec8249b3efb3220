use crate::ScoreError;
use crate::numbers::{finite, mean, positive};
use crate::percentile::percentile_of_sorted;

/// How an interval is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Chooses the resamples: one seed, one interval.
    pub seed: u64,
    /// Number of resamples.
    pub resamples: u32,
    /// Confidence level, in (0, 1).
    pub level: f64,
}

impl Default for Bootstrap {
    /// Seed 0, 2000 resamples, 95 percent.
    fn default() -> Self {
        Self { seed: 0, resamples: 2000, level: 0.95 }
    }
}

/// A statistic with its interval, in the statistic's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The statistic of the data itself.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Resamples on which the statistic has no value, such as a correlation of one problem drawn n times. The ends
    /// are those of the others.
    pub undefined: u32,
}

/// Percentile bootstrap over problems: a confidence interval of any statistic (Efron 1979).
///
/// Each resample draws `problems` indices with replacement; the ends are the `(1 - level) / 2` and `(1 + level) / 2`
/// percentiles of the statistic over resamples, by linear interpolation. Problems are drawn, not samples: the problems
/// are what another benchmark would have had others of. Draw j of resample r is a pure function of the seed, r and j,
/// in integers alone, so the same indices come out on every platform; the interval is then the same to the bit when the
/// statistic is (sums, quotients and square roots are, and so is everything in this crate).
///
/// Trap: with few problems, or a statistic that is far from its mean's distribution, the interval is too narrow.
///
/// # Errors
/// [`ScoreError::Empty`] without problems or resamples, [`ScoreError::OutOfRange`] for the level, and what `statistic`
/// says of the data itself. [`ScoreError::Undefined`] when no resample has a value.
pub fn bootstrap(
    problems: usize,
    options: Bootstrap,
    statistic: impl Fn(&[usize]) -> Result<f64, ScoreError>,
) -> Result<Interval, ScoreError> {
    if problems == 0 || options.resamples == 0 {
        return Err(ScoreError::Empty { what: if problems == 0 { "problems" } else { "resamples" } });
    }
    if !(options.level > 0.0 && options.level < 1.0) {
        return Err(ScoreError::OutOfRange { what: "a confidence level", value: options.level, low: 0.0, high: 1.0 });
    }
    let mut indices: Vec<usize> = (0..problems).collect();
    let estimate = statistic(&indices)?;
    let mut values = Vec::with_capacity(options.resamples as usize);
    for resample in 0..options.resamples {
        let mut draws = Draws::new(options.seed, resample);
        indices.iter_mut().for_each(|index| *index = draws.below(problems));
        values.extend(statistic(&indices).ok().filter(|value| value.is_finite()));
    }
    if values.is_empty() {
        return Err(ScoreError::Undefined { resamples: options.resamples });
    }
    values.sort_by(f64::total_cmp);
    let outside_pct = 50.0 * (1.0 - options.level);
    Ok(Interval {
        estimate,
        low: percentile_of_sorted(&values, outside_pct)?,
        high: percentile_of_sorted(&values, 100.0 - outside_pct)?,
        undefined: options.resamples - u32::try_from(values.len()).unwrap_or(options.resamples),
    })
}

/// [`bootstrap`] of the plain mean of one score per problem.
///
/// # Errors
/// Those of [`bootstrap`]; [`ScoreError::NotFinite`] for scores that are NaN or infinite.
pub fn bootstrap_mean(scores: &[f64], options: Bootstrap) -> Result<Interval, ScoreError> {
    finite("a score", scores)?;
    bootstrap(scores.len(), options, |indices| {
        Ok(indices.iter().map(|&index| scores[index]).sum::<f64>() / indices.len() as f64)
    })
    .map(|interval| Interval { estimate: mean(scores), ..interval })
}

/// [`bootstrap`] of a ratio of sums, `sum(upper) / sum(lower)` over problems: `problems` holds both terms of each.
///
/// A mean over samples is one too, with each problem's sum of values above its number of samples.
///
/// # Errors
/// Those of [`bootstrap`]; [`ScoreError::NotFinite`] for terms that are NaN or infinite, [`ScoreError::NotPositive`] when
/// the lower ones come to nothing.
pub fn bootstrap_ratio(problems: &[(f64, f64)], options: Bootstrap) -> Result<Interval, ScoreError> {
    for (upper, lower) in problems {
        finite("a term of a ratio", &[*upper, *lower])?;
    }
    bootstrap(problems.len(), options, |indices| {
        let mut sums = (0.0, 0.0);
        for &index in indices {
            sums = (sums.0 + problems[index].0, sums.1 + problems[index].1);
        }
        Ok(sums.0 / positive("a sum of lower terms", sums.1)?)
    })
}

/// [`bootstrap`] of [`crate::geometric_mean`] over all values of the drawn problems: `problems` holds those of each,
/// which may be none.
///
/// # Errors
/// Those of [`bootstrap`]; [`ScoreError::NotPositive`] for values that are not finite and above 0, and when no problem has
/// any.
pub fn bootstrap_geometric_mean(problems: &[Vec<f64>], options: Bootstrap) -> Result<Interval, ScoreError> {
    let mut terms = Vec::with_capacity(problems.len());
    for values in problems {
        let mut sum = 0.0;
        for &value in values {
            sum += libm::log(positive("a value", value)?);
        }
        terms.push((sum, values.len() as f64));
    }
    let Interval { estimate, low, high, undefined } = bootstrap_ratio(&terms, options)?;
    // The exponential keeps the order, so it may be taken of the ends.
    Ok(Interval { estimate: libm::exp(estimate), low: libm::exp(low), high: libm::exp(high), undefined })
}

/// SplitMix64 (Steele, Lea & Flood 2014), whose n-th output depends on seed and n alone.
struct Draws {
    state: u64,
}

impl Draws {
    /// One stream per resample: its start is an output of the seed's own stream.
    fn new(seed: u64, stream: u32) -> Self {
        let start = seed.wrapping_add(u64::from(stream).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Self { state: mix(start) }
    }

    /// A whole number below `bound`, which is not 0. Unbiased: the few outputs that would favour small numbers are
    /// drawn again (Lemire 2019).
    fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        loop {
            self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let product = u128::from(mix(self.state)) * u128::from(bound);
            let (high, low) = (product >> 64, product & u128::from(u64::MAX));
            if low >= u128::from(bound.wrapping_neg() % bound) {
                return usize::try_from(high).unwrap_or_default(); // below `bound`, which is a usize
            }
        }
    }
}

fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
