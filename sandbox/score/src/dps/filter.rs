use super::{FILTER_BASE, NOISE_WEIGHT, clusters};
use crate::numbers::{cost, mean, positive};
use crate::{ScoreError, percentile};

/// What a task must satisfy. Defaults are those of the source's command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilterOptions {
    /// Least number of solutions.
    pub min_solutions: usize,
    /// Least mean cost of the cheapest solution, in the unit of the costs (the source counts instructions).
    pub min_cost: f64,
    /// Which percentile of the variation over solutions is held against the limit, in [0, 100].
    pub variation_percentile: f64,
    /// Largest coefficient of variation, in percent.
    pub max_variation_pct: f64,
    /// Base of the gap threshold of [`clusters`].
    pub base: f64,
    /// Noise weight of [`clusters`].
    pub noise_weight: f64,
    /// Least number of clusters: 4; the source's library, called directly, asks for 3.
    pub min_clusters: usize,
}

impl Default for FilterOptions {
    fn default() -> Self {
        Self {
            min_solutions: 10,
            min_cost: 10_000.0,
            variation_percentile: 99.0,
            max_variation_pct: 5.0,
            base: FILTER_BASE,
            noise_weight: NOISE_WEIGHT,
            min_clusters: 4,
        }
    }
}

/// Why a task is left out, with the number that decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rejection {
    /// Too few solutions, or one that could not be profiled.
    Size {
        /// Solutions there are.
        solutions: usize,
        /// How many of them have no profile.
        unprofiled: usize,
    },
    /// The cheapest solution does too little to be told from noise.
    Compute {
        /// Its mean cost.
        least_mean: f64,
    },
    /// Repeats differ too much.
    Variation {
        /// The percentile of the coefficients of variation, in percent.
        variation_pct: f64,
    },
    /// Solutions cost much the same.
    Diversity {
        /// Clusters found.
        clusters: usize,
    },
}

impl Rejection {
    /// Its name in files and tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Size { .. } => "size",
            Self::Compute { .. } => "compute",
            Self::Variation { .. } => "variation",
            Self::Diversity { .. } => "diversity",
        }
    }
}

/// The four task filters, in order; the first that fails names the rejection, `None` keeps the task.
///
/// `profiles[solution]` holds the costs of its repeats, or `None` where it could not be profiled. Size: at least
/// `min_solutions`, all profiled. Compute: least mean over repeats >= `min_cost`. Variation: the percentile (linear
/// interpolation) over solutions of `100 * population standard deviation / mean` <= `max_variation_pct`. Diversity: at
/// least `min_clusters` [`clusters`] of the means.
///
/// Trap: fuel has no variation, so under fuel that filter keeps everything.
///
/// # Errors
/// [`ScoreError::Empty`] for a profile without repeats, [`ScoreError::NotACost`] for a cost that is NaN, infinite or
/// negative, [`ScoreError::NotPositive`] for a mean of 0 when `min_cost` lets it through, [`ScoreError::OutOfRange`].
pub fn filter_task(profiles: &[Option<Vec<f64>>], options: FilterOptions) -> Result<Option<Rejection>, ScoreError> {
    let unprofiled = profiles.iter().filter(|profile| profile.is_none()).count();
    if profiles.len() < options.min_solutions || unprofiled > 0 || profiles.is_empty() {
        return Ok(Some(Rejection::Size { solutions: profiles.len(), unprofiled }));
    }
    let mut means = Vec::with_capacity(profiles.len());
    for repeats in profiles.iter().flatten() {
        if repeats.is_empty() {
            return Err(ScoreError::Empty { what: "repeats of a profile" });
        }
        for &value in repeats {
            cost("a profiled cost", value)?;
        }
        means.push(cost("a mean cost", mean(repeats))?);
    }
    let least_mean = means.iter().copied().fold(f64::INFINITY, f64::min);
    if least_mean < options.min_cost {
        return Ok(Some(Rejection::Compute { least_mean }));
    }
    let mut variations_pct = Vec::with_capacity(profiles.len());
    for (repeats, &centre) in profiles.iter().flatten().zip(&means) {
        let variance =
            repeats.iter().map(|value| (value - centre) * (value - centre)).sum::<f64>() / repeats.len() as f64;
        variations_pct.push(100.0 * variance.sqrt() / positive("a mean cost", centre)?);
    }
    let variation_pct = percentile(&variations_pct, options.variation_percentile)?;
    if variation_pct > options.max_variation_pct {
        return Ok(Some(Rejection::Variation { variation_pct }));
    }
    let clusters = clusters(&means, options.base, options.noise_weight)?.len();
    Ok((clusters < options.min_clusters).then_some(Rejection::Diversity { clusters }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Ten solutions in four clusters: 1e6, 1e7, 1e8, 1e9.
    fn kept() -> Vec<Option<Vec<f64>>> {
        (0..10).map(|at| Some(vec![10.0_f64.powi(6 + at % 4); 3])).collect()
    }

    fn rejection(profiles: &[Option<Vec<f64>>]) -> Option<Rejection> {
        filter_task(profiles, FilterOptions::default()).unwrap()
    }

    #[test]
    fn each_filter_names_its_rejection() {
        assert_eq!(rejection(&kept()), None);
        assert_eq!(rejection(&kept()[1..]), Some(Rejection::Size { solutions: 9, unprofiled: 0 }));
        let mut missing = kept();
        missing[3] = None;
        assert_eq!(rejection(&missing), Some(Rejection::Size { solutions: 10, unprofiled: 1 }));
        let mut short = kept();
        short[0] = Some(vec![9_999.0]);
        assert_eq!(rejection(&short), Some(Rejection::Compute { least_mean: 9_999.0 }));
        // one solution of ten varies by 20 percent: the 99th percentile is 0.91 of it
        let mut varies = kept();
        varies[0] = Some(vec![8e5, 1.2e6]);
        let Some(Rejection::Variation { variation_pct }) = rejection(&varies) else { unreachable!() };
        assert!((variation_pct - 18.2).abs() < 1e-9, "{variation_pct}");
        let three: Vec<_> = (0..10).map(|at| Some(vec![10.0_f64.powi(6 + at % 3)])).collect();
        assert_eq!(rejection(&three), Some(Rejection::Diversity { clusters: 3 }));
        let library = FilterOptions { min_clusters: 3, ..FilterOptions::default() };
        assert_eq!(filter_task(&three, library), Ok(None));
    }

    #[test]
    fn limits_are_inclusive() {
        let mut profiles = kept();
        profiles[0] = Some(vec![10_000.0]);
        assert!(!matches!(rejection(&profiles), Some(Rejection::Compute { .. })));
        let options =
            FilterOptions { variation_percentile: 100.0, max_variation_pct: 20.0, ..FilterOptions::default() };
        profiles[0] = Some(vec![8e5, 1.2e6]);
        assert_eq!(filter_task(&profiles, options), Ok(None));
    }

    #[test]
    fn impossible_inputs_are_refused() {
        let mut profiles = kept();
        profiles[0] = Some(vec![]);
        assert!(filter_task(&profiles, FilterOptions::default()).is_err());
        profiles[0] = Some(vec![f64::NAN]);
        assert!(filter_task(&profiles, FilterOptions::default()).is_err());
        profiles[0] = Some(vec![0.0]);
        assert!(filter_task(&profiles, FilterOptions { min_cost: 0.0, ..FilterOptions::default() }).is_err());
        assert!(matches!(filter_task(&[], FilterOptions::default()), Ok(Some(Rejection::Size { .. }))));
        let percentile = FilterOptions { variation_percentile: 101.0, ..FilterOptions::default() };
        assert!(filter_task(&kept(), percentile).is_err());
    }
}
