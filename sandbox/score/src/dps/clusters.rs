use crate::ScoreError;
use crate::numbers::cost;

/// Base of the gap threshold in the diversity filter.
pub const FILTER_BASE: f64 = 0.2;
/// Base of the gap threshold when a task's references are made: lower, so a task may have more clusters than the filter
/// saw.
pub const BUILD_BASE: f64 = 0.1;
/// Numerator of the noise term, in the unit of the costs (the source counts instructions).
pub const NOISE_WEIGHT: f64 = 10_000.0;

/// Solutions of like cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Indices into the costs, dearest first; equal costs in the order given.
    pub members: Vec<usize>,
    /// Cost of its dearest member, the cluster's reference.
    pub reference_cost: f64,
    /// Percentage of all solutions that are in this or a slower cluster, in (0, 100]; 100 for the fastest.
    pub cumulative_score: f64,
}

/// Cuts costs into clusters, slow to fast: adaptive one-dimensional segmentation.
///
/// With costs descending, a cut falls between `x_i` and `x_{i+1}` when `(x_i - x_{i+1}) / x_i > base + sqrt(noise_weight /
/// x_i)`: the gap must be wider for short runs, where relative noise is larger. O(n log n).
///
/// Traps: `base` is [`FILTER_BASE`] to filter and [`BUILD_BASE`] to build. `noise_weight` has the unit of the costs;
/// [`NOISE_WEIGHT`] was chosen for instruction counts, and fuel has no noise but is of like size.
///
/// # Errors
/// [`ScoreError::Empty`] without costs, [`ScoreError::NotACost`] for a cost or constant that is NaN, infinite or negative.
pub fn clusters(costs: &[f64], base: f64, noise_weight: f64) -> Result<Vec<Cluster>, ScoreError> {
    if costs.is_empty() {
        return Err(ScoreError::Empty { what: "costs" });
    }
    cost("the base of the gap threshold", base)?;
    cost("the noise weight", noise_weight)?;
    for &value in costs {
        cost("a cost", value)?;
    }
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|&a, &b| costs[b].total_cmp(&costs[a]));
    // two costs of 0 are equal: 0/0 would say nothing
    let is_gap = |slow: f64, fast: f64| slow > fast && (slow - fast) / slow > base + (noise_weight / slow).sqrt();
    let mut seen = 0;
    Ok(order
        .chunk_by(|&slow, &fast| !is_gap(costs[slow], costs[fast]))
        .map(|members| {
            seen += members.len();
            Cluster {
                members: members.to_vec(),
                reference_cost: costs[members[0]],
                cumulative_score: 100.0 * seen as f64 / costs.len() as f64,
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hand_sums() {
        // thresholds: 0.2 + sqrt(1e4/1e8) = 0.21; 1e8 -> 8e7 is 0.2, 8e7 -> 6e7 is 0.25 of its own
        let costs = [6e7, 1e8, 8e7, 1e6];
        let got = clusters(&costs, FILTER_BASE, NOISE_WEIGHT).unwrap();
        let members: Vec<&[usize]> = got.iter().map(|cluster| cluster.members.as_slice()).collect();
        assert_eq!(members, [&[1, 2][..], &[0], &[3]]);
        assert_eq!(got.iter().map(|cluster| cluster.reference_cost).collect::<Vec<_>>(), [1e8, 6e7, 1e6]);
        assert_eq!(got.iter().map(|cluster| cluster.cumulative_score).collect::<Vec<_>>(), [50.0, 75.0, 100.0]);
    }

    #[test]
    fn the_lower_base_cuts_more() {
        let costs = [1e9, 8.5e8, 7e8];
        assert_eq!(clusters(&costs, FILTER_BASE, NOISE_WEIGHT).unwrap().len(), 1);
        assert_eq!(clusters(&costs, BUILD_BASE, NOISE_WEIGHT).unwrap().len(), 3);
    }

    #[test]
    fn equal_and_short_runs_stay_together() {
        assert_eq!(clusters(&[5.0; 9], 0.0, 0.0).unwrap().len(), 1);
        assert_eq!(clusters(&[0.0, 0.0], 0.2, 1e4).unwrap().len(), 1);
        assert_eq!(clusters(&[10_000.0, 1.0], 0.2, 1e4).unwrap().len(), 1, "noise of 100 percent");
        let ties = clusters(&[7.0, 7.0, 7.0], 0.0, 0.0).unwrap();
        assert_eq!(ties[0].members, [0, 1, 2]);
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(clusters(&[], 0.2, 1e4).is_err() && clusters(&[f64::NAN], 0.2, 1e4).is_err());
        assert!(clusters(&[1.0], -0.1, 1e4).is_err() && clusters(&[1.0], 0.2, f64::INFINITY).is_err());
    }
}
