use std::collections::BTreeMap;

use crate::numbers::mean;
use crate::{Bootstrap, Interval, ScoreError, bootstrap_mean, eff_at_k, pass_at_k};

/// One sample as the metrics see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Counts as correct.
    pub passed: bool,
    /// ENAMEL's e, dimensionless; 0 unless passed.
    pub efficiency: f64,
}

/// Metrics of a whole benchmark.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BenchmarkScore {
    /// Keyed `pass@k` and `eff@k`; dimensionless.
    pub metrics: BTreeMap<String, f64>,
    /// Of each metric, by bootstrap over problems.
    pub intervals: BTreeMap<String, Interval>,
    /// Each k above the smallest number of samples of any problem, which is left out.
    pub dropped: Vec<u32>,
}

/// pass@k and eff@k of a benchmark, with 95 % intervals: plain means over problems, for every k that all problems have
/// samples for.
///
/// # Errors
/// [`ScoreError::Empty`] without problems or samples, [`ScoreError::Draw`] for k = 0.
pub fn benchmark(problems: &[Vec<Scored>], ks: &[u32]) -> Result<BenchmarkScore, ScoreError> {
    let fewest = problems.iter().map(Vec::len).min().ok_or(ScoreError::Empty { what: "problems" })? as u64;
    if fewest == 0 {
        return Err(ScoreError::Empty { what: "samples of a problem" });
    }
    let mut score = BenchmarkScore::default();
    for &k in ks {
        if u64::from(k) > fewest {
            score.dropped.push(k);
            continue;
        }
        let (mut pass, mut eff) = (Vec::with_capacity(problems.len()), Vec::with_capacity(problems.len()));
        for samples in problems {
            let correct = samples.iter().filter(|sample| sample.passed).count() as u64;
            let efficiencies: Vec<f64> = samples.iter().map(|sample| sample.efficiency).collect();
            pass.push(pass_at_k(samples.len() as u64, correct, k.into())?);
            eff.push(eff_at_k(&efficiencies, k.into())?);
        }
        for (name, each) in [("pass", pass), ("eff", eff)] {
            score.metrics.insert(format!("{name}@{k}"), mean(&each));
            score.intervals.insert(format!("{name}@{k}"), bootstrap_mean(&each, Bootstrap::default())?);
        }
    }
    Ok(score)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn means_over_problems() {
        let scored = |efficiency| Scored { passed: efficiency > 0.0, efficiency };
        let problems = [vec![scored(1.0), scored(0.0)], vec![scored(0.5), scored(0.5), scored(0.5)]];
        let got = benchmark(&problems, &[1, 2, 3]).unwrap();
        assert_eq!(got.metrics["pass@1"], 0.75);
        assert_eq!(got.metrics["eff@1"], 0.5);
        assert_eq!(got.metrics["eff@2"], 0.75);
        assert_eq!(got.dropped, [3]);
        let interval = got.intervals["pass@1"];
        assert_eq!((interval.low, interval.estimate, interval.high), (0.5, 0.75, 1.0));
        assert_eq!(got.intervals.keys().collect::<Vec<_>>(), got.metrics.keys().collect::<Vec<_>>());
        assert!(
            benchmark(&[], &[1]).is_err() && benchmark(&[vec![]], &[1]).is_err() && benchmark(&problems, &[0]).is_err()
        );
    }
}
