use super::Cluster;
use crate::ScoreError;
use crate::numbers::{cost, same_length};

/// What samples of a task are held against: one reference per cluster, slow to fast.
#[derive(Debug, Clone, PartialEq)]
pub struct References {
    costs: Vec<f64>,
    scores: Vec<f64>,
}

/// One profiled sample. Scores lie in [0, 100].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleDps {
    /// Index of the fastest reference that the sample is not slower than, 0 for the slowest; `None` when it is slower
    /// than all or could not be profiled (the source's -1).
    pub cluster: Option<usize>,
    /// The reference's cumulative score; 0 without a cluster.
    pub dps: f64,
    /// `100 * j / n` for the j-th of n references from 1; 0 without a cluster.
    pub dps_norm: f64,
}

impl References {
    /// References slow to fast with their cumulative scores.
    ///
    /// Costs need not descend: measured anew, on inputs of another size or by another counter, they may not, and
    /// [`References::out_of_order`] says where.
    ///
    /// # Errors
    /// [`ScoreError::Empty`], [`ScoreError::Length`], [`ScoreError::NotACost`], [`ScoreError::OutOfRange`] for a score
    /// outside [0, 100].
    pub fn new(costs: Vec<f64>, scores: Vec<f64>) -> Result<Self, ScoreError> {
        if costs.is_empty() {
            return Err(ScoreError::Empty { what: "references" });
        }
        same_length("scores of references", scores.len(), costs.len())?;
        for &value in &costs {
            cost("a reference cost", value)?;
        }
        if let Some(&value) = scores.iter().find(|score| !(0.0..=100.0).contains(*score)) {
            return Err(ScoreError::OutOfRange { what: "a reference's score", value, low: 0.0, high: 100.0 });
        }
        Ok(Self { costs, scores })
    }

    /// The references that clusters define.
    ///
    /// # Errors
    /// [`ScoreError::Empty`] without clusters.
    pub fn of_clusters(clusters: &[Cluster]) -> Result<Self, ScoreError> {
        Self::new(
            clusters.iter().map(|cluster| cluster.reference_cost).collect(),
            clusters.iter().map(|cluster| cluster.cumulative_score).collect(),
        )
    }

    /// Scores a sample: scans from the fastest reference to the slowest, and takes the first that costs at least as
    /// much. `None` stands for a sample that could not be profiled.
    ///
    /// # Errors
    /// [`ScoreError::NotACost`] for a cost that is NaN, infinite or negative.
    pub fn score(&self, sample: Option<f64>) -> Result<SampleDps, ScoreError> {
        let cluster = match sample {
            Some(value) => {
                let value = cost("a sample cost", value)?;
                self.costs.iter().rposition(|reference| value <= *reference)
            }
            None => None,
        };
        Ok(match cluster {
            Some(at) => {
                let dps_norm = 100.0 * (at + 1) as f64 / self.costs.len() as f64;
                SampleDps { cluster, dps: self.scores[at], dps_norm }
            }
            None => SampleDps { cluster, dps: 0.0, dps_norm: 0.0 },
        })
    }

    /// Each index j whose reference costs less than the next one, which should be faster. Empty when all is in order.
    pub fn out_of_order(&self) -> Vec<usize> {
        let pairs = self.costs.windows(2).enumerate();
        pairs.filter(|(_, pair)| pair[0] < pair[1]).map(|(at, _)| at).collect()
    }

    /// Cost of the fastest cluster's reference: what a raw cost ratio of a sample is taken against.
    pub fn fastest_cost(&self) -> f64 {
        self.costs.last().copied().unwrap_or(f64::NAN) // never empty by construction
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn references() -> References {
        References::new(vec![100.0, 50.0, 10.0], vec![20.0, 90.0, 100.0]).unwrap()
    }

    #[test]
    fn the_fastest_reference_not_beaten_decides() {
        let score = |cost| references().score(cost).unwrap();
        assert_eq!(score(Some(10.0)), SampleDps { cluster: Some(2), dps: 100.0, dps_norm: 100.0 });
        assert_eq!(score(Some(0.0)).dps, 100.0);
        assert_eq!(score(Some(10.5)).dps, 90.0);
        assert_eq!(score(Some(100.0)), SampleDps { cluster: Some(0), dps: 20.0, dps_norm: 100.0 / 3.0 });
        let none = SampleDps { cluster: None, dps: 0.0, dps_norm: 0.0 };
        assert_eq!((score(Some(100.5)), score(None)), (none, none));
    }

    #[test]
    fn references_out_of_order_are_named() {
        assert!(references().out_of_order().is_empty());
        let swapped = References::new(vec![50.0, 100.0, 10.0, 10.0], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(swapped.out_of_order(), [0]);
        assert_eq!(swapped.score(Some(60.0)).unwrap().cluster, Some(1));
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(References::new(vec![], vec![]).is_err() && References::new(vec![1.0], vec![]).is_err());
        assert!(References::new(vec![f64::NAN], vec![1.0]).is_err());
        assert!(
            References::new(vec![1.0], vec![100.1]).is_err() && References::new(vec![1.0], vec![f64::NAN]).is_err()
        );
        assert!(references().score(Some(-1.0)).is_err());
    }
}
