//! COFFE's metrics (Peng et al., FSE 2025, arXiv 2502.02827; JohnnyPeng18/Coffe at 7979acb): its rules, not its code.

use crate::numbers::{mean, positive, same_length, total};
use crate::{ScoreError, cost_ratio, geometric_mean, pass_at_k};

/// One problem: what its best ground truth costs, and its samples. Costs are in one unit, such as fuel.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredProblem {
    /// Cost of the best ground truth on each stressful test.
    pub ground_truth: Vec<f64>,
    /// Every sample drawn, correct or not.
    pub samples: Vec<Measured>,
}

/// One sample of a problem.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// Passed every correctness test and ended on every stressful one: a cost for each, in the tests' order.
    Correct {
        /// One for each stressful test.
        costs: Vec<f64>,
    },
    /// Passed every correctness test, but failed or was stopped on a stressful one. It has no cost.
    Unmeasured,
    /// Failed a correctness test, or is missing.
    Incorrect,
}

/// How much cheaper the solved problems' samples are than the ground truth. Above 1 the samples are cheaper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speedup {
    /// Sum of ground-truth costs over sum of sample costs: COFFE's number. Dear problems decide it.
    pub ratio_of_sums: f64,
    /// Geometric mean of the same ratio of each sample: every sample weighs alike.
    pub geometric_mean: f64,
    /// Samples that it is taken over.
    pub measured_samples: usize,
}

impl MeasuredProblem {
    /// Sum over stressful tests of the ground truth's cost, above 0.
    ///
    /// # Errors
    /// [`ScoreError::NotPositive`] when it costs nothing, [`ScoreError::NotACost`], [`ScoreError::NotFinite`].
    pub fn ground_truth_total(&self) -> Result<f64, ScoreError> {
        positive("the ground truth's total cost", total("a ground-truth cost", &self.ground_truth)?)
    }

    /// Sum over stressful tests of each sample's cost; `None` for one that has none.
    ///
    /// # Errors
    /// [`ScoreError::Length`] when a sample's tests are not the ground truth's, [`ScoreError::NotACost`],
    /// [`ScoreError::NotFinite`].
    pub fn totals(&self) -> Result<Vec<Option<f64>>, ScoreError> {
        let total_of = |sample: &Measured| match sample {
            Measured::Correct { costs } => {
                same_length("stressful tests of a sample", costs.len(), self.ground_truth.len())?;
                total("a sample cost", costs).map(Some)
            }
            Measured::Unmeasured | Measured::Incorrect => Ok(None),
        };
        self.samples.iter().map(total_of).collect()
    }

    /// Which samples are correct and strictly cheaper than the best ground truth: equal does not count.
    ///
    /// # Errors
    /// Those of [`MeasuredProblem::totals`] and [`MeasuredProblem::ground_truth_total`].
    pub fn efficient(&self) -> Result<Vec<bool>, ScoreError> {
        let ground_truth = self.ground_truth_total()?;
        Ok(self.totals()?.into_iter().map(|total| total.is_some_and(|total| total < ground_truth)).collect())
    }

    /// Raw cost of each sample over that of the ground truth, sums over tests; `None` for one that has no cost.
    ///
    /// # Errors
    /// Those of [`MeasuredProblem::totals`] and [`MeasuredProblem::ground_truth_total`].
    pub fn cost_ratios(&self) -> Result<Vec<Option<f64>>, ScoreError> {
        let ground_truth = self.ground_truth_total()?;
        self.totals()?.into_iter().map(|total| total.map(|total| cost_ratio(total, ground_truth)).transpose()).collect()
    }

    /// Samples that passed every correctness test.
    pub fn correct(&self) -> usize {
        self.samples.iter().filter(|sample| !matches!(sample, Measured::Incorrect)).count()
    }
}

/// efficient@k: the chance that one of `k` samples is correct and strictly cheaper than the best ground truth.
///
/// [`pass_at_k`] with the count of correct samples replaced by that of [`MeasuredProblem::efficient`] ones; mean over
/// problems, unsolved ones included. Dimensionless, in [0, 1], never above [`correct_at_k`]. Trap: binary per sample;
/// one unit cheaper and a hundred times cheaper count alike, so [`MeasuredProblem::cost_ratios`] stands beside it.
///
/// # Errors
/// [`ScoreError::Empty`] without problems, [`ScoreError::Draw`] unless every problem has k samples, and those of
/// [`MeasuredProblem::efficient`].
pub fn efficient_at_k(problems: &[MeasuredProblem], k: u64) -> Result<f64, ScoreError> {
    over_problems(problems, k, |problem| {
        Ok(problem.efficient()?.into_iter().filter(|is_efficient| *is_efficient).count())
    })
}

/// pass@k of the same problems: the bound of [`efficient_at_k`].
///
/// # Errors
/// [`ScoreError::Empty`] without problems, [`ScoreError::Draw`] unless every problem has k samples.
pub fn correct_at_k(problems: &[MeasuredProblem], k: u64) -> Result<f64, ScoreError> {
    over_problems(problems, k, |problem| Ok(problem.correct()))
}

fn over_problems(
    problems: &[MeasuredProblem],
    k: u64,
    count: impl Fn(&MeasuredProblem) -> Result<usize, ScoreError>,
) -> Result<f64, ScoreError> {
    if problems.is_empty() {
        return Err(ScoreError::Empty { what: "problems" });
    }
    let one = |problem: &MeasuredProblem| pass_at_k(problem.samples.len() as u64, count(problem)? as u64, k);
    Ok(mean(&problems.iter().map(one).collect::<Result<Vec<_>, _>>()?))
}

/// Speedup over the solved problems: each measured sample against its problem's ground truth, sums over tests.
///
/// Dimensionless, above 0. Traps: unsolved problems are left out, so a model that solves only easy ones is not punished
/// here; a ratio of sums is no mean of ratios, and the two may lie on different sides of 1.
///
/// # Errors
/// [`ScoreError::Empty`] when nothing was solved, [`ScoreError::NotPositive`] for a sample that costs nothing, and
/// those of [`MeasuredProblem::totals`].
pub fn speedup(problems: &[MeasuredProblem]) -> Result<Speedup, ScoreError> {
    let (mut ground_truths, mut totals, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for problem in problems {
        for sample in problem.totals()?.into_iter().flatten() {
            let ground_truth = problem.ground_truth_total()?;
            ratios.push(cost_ratio(ground_truth, positive("a sample's total cost", sample)?)?);
            ground_truths.push(ground_truth);
            totals.push(sample);
        }
    }
    if ratios.is_empty() {
        return Err(ScoreError::Empty { what: "solved problems" });
    }
    let sums = (total("a ground-truth cost", &ground_truths)?, total("a sample cost", &totals)?);
    Ok(Speedup {
        ratio_of_sums: cost_ratio(sums.0, sums.1)?,
        geometric_mean: geometric_mean(&ratios)?,
        measured_samples: ratios.len(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn correct(costs: &[f64]) -> Measured {
        Measured::Correct { costs: costs.to_vec() }
    }

    fn problem(ground_truth: &[f64], samples: Vec<Measured>) -> MeasuredProblem {
        MeasuredProblem { ground_truth: ground_truth.to_vec(), samples }
    }

    #[test]
    fn strictly_cheaper_in_the_sum_counts() {
        let tied = problem(&[10.0, 20.0], vec![correct(&[20.0, 10.0]), correct(&[29.0, 0.0]), Measured::Unmeasured]);
        assert_eq!(tied.efficient().unwrap(), [false, true, false]);
        assert_eq!(tied.cost_ratios().unwrap(), [Some(1.0), Some(29.0 / 30.0), None]);
        // one of three: 1/3; two of three drawn: 1 - C(2,2)/C(3,2)
        assert!((efficient_at_k(std::slice::from_ref(&tied), 1).unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!((efficient_at_k(std::slice::from_ref(&tied), 2).unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(correct_at_k(&[tied], 1), Ok(1.0));
    }

    #[test]
    fn unsolved_problems_stay_in_the_denominator() {
        let problems = [problem(&[10.0], vec![correct(&[1.0])]), problem(&[10.0], vec![Measured::Incorrect])];
        assert_eq!(efficient_at_k(&problems, 1), Ok(0.5));
        let got = speedup(&problems).unwrap();
        assert_eq!((got.ratio_of_sums, got.measured_samples), (10.0, 1));
    }

    #[test]
    fn the_two_speedups_may_disagree() {
        let problems = [problem(&[1000.0], vec![correct(&[2000.0])]), problem(&[8.0], vec![correct(&[1.0])])];
        let got = speedup(&problems).unwrap();
        assert!((got.ratio_of_sums - 1008.0 / 2001.0).abs() < 1e-12);
        assert!((got.geometric_mean - 2.0).abs() < 1e-12);
    }

    #[test]
    fn efficient_is_never_above_correct() {
        let mut state = 1_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        for _ in 0..500 {
            let problems: Vec<MeasuredProblem> = (0..5)
                .map(|_| {
                    let samples = (0..6).map(|_| match random(4) {
                        0 => Measured::Incorrect,
                        1 => Measured::Unmeasured,
                        _ => correct(&[f64::from(random(20)), f64::from(random(20))]),
                    });
                    let samples = samples.collect();
                    problem(&[f64::from(random(20) + 1), 5.0], samples)
                })
                .collect();
            for k in 1..=6 {
                assert!(efficient_at_k(&problems, k).unwrap() <= correct_at_k(&problems, k).unwrap() + 1e-15);
            }
        }
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(efficient_at_k(&[], 1).is_err() && speedup(&[]).is_err());
        let few = [problem(&[1.0], vec![Measured::Incorrect])];
        assert_eq!(efficient_at_k(&few, 2), Err(ScoreError::Draw { k: 2, n: 1 }));
        assert_eq!(speedup(&few), Err(ScoreError::Empty { what: "solved problems" }));
        let longer = [problem(&[1.0], vec![correct(&[1.0, 2.0])])];
        assert!(matches!(efficient_at_k(&longer, 1), Err(ScoreError::Length { actual: 2, expected: 1, .. })));
        let free = [problem(&[0.0], vec![correct(&[0.0])])];
        assert!(matches!(efficient_at_k(&free, 1), Err(ScoreError::NotPositive { .. })));
        assert!(matches!(speedup(&[problem(&[1.0], vec![correct(&[0.0])])]), Err(ScoreError::NotPositive { .. })));
        assert!(efficient_at_k(&[problem(&[1.0], vec![correct(&[f64::NAN])])], 1).is_err());
    }
}
