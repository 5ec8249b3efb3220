//! ENAMEL's efficiency of one sample (evaluate.py of q-rz/enamel; its rules, not its code).

use crate::ScoreError;
use crate::numbers::cost;

/// What a problem's reference allows a sample to spend.
///
/// `B_l = max_m cost_{l,m}` of the reference for levels of weight `h_l > 0`; `A = max_l B_l`; the limit is
/// `T = alpha * A`, one for the whole problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    hardness: Vec<f64>,
    worst: Vec<f64>,
    limit: f64,
}

/// What one case of a sample came to. Costs are in the unit of the reference's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CaseResult {
    /// Correct, at this cost.
    Correct {
        /// Cost of the call.
        cost: f64,
    },
    /// Stopped at the limit, out of memory, or an overflow error: nothing later is run.
    Censored,
    /// Wrong output or any other error.
    Failed,
}

/// A sample's score.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleScore {
    /// Whether it counts as correct in pass@k.
    pub passed: bool,
    /// `f_l = max(0, T - max_m cost) / (T - B_l)`; 0 for levels without weight. Not clamped above.
    pub level_scores: Vec<f64>,
    /// `e = sum_l h_l f_l / sum_l h_l`: 1 equals the reference; at most `alpha / (alpha - 1)` on the hardest level.
    pub efficiency: f64,
}

impl Budget {
    /// Derives the limit from the reference's costs, `[level][case]`, and the weights of the levels.
    ///
    /// # Errors
    /// [`ScoreError`] when lengths differ, alpha is not above 1, or no level with weight has a positive cost.
    pub fn new(reference: &[Vec<f64>], hardness: &[f64], alpha: f64) -> Result<Self, ScoreError> {
        if reference.len() != hardness.len() {
            return Err(ScoreError::Length { what: "levels", actual: reference.len(), expected: hardness.len() });
        }
        if !alpha.is_finite() || alpha <= 1.0 {
            return Err(ScoreError::Alpha { alpha });
        }
        for &value in hardness {
            cost("a hardness", value)?;
        }
        let mut worst = Vec::with_capacity(reference.len());
        for (cases, &weight) in reference.iter().zip(hardness) {
            if cases.is_empty() && weight > 0.0 {
                return Err(ScoreError::Empty { what: "cases in a level with weight" });
            }
            let mut level = 0.0_f64;
            for &value in cases {
                level = level.max(cost("a reference cost", value)?);
            }
            worst.push(if weight > 0.0 { level } else { 0.0 });
        }
        let limit = alpha * worst.iter().copied().fold(0.0, f64::max);
        if !(limit.is_finite() && hardness.iter().sum::<f64>().is_finite()) {
            return Err(ScoreError::NotFinite { what: "the limit or the sum of hardness", value: limit });
        }
        if limit > 0.0 { Ok(Self { hardness: hardness.to_vec(), worst, limit }) } else { Err(ScoreError::NoLimit) }
    }

    /// T, in the unit of the costs.
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// T as a whole number of fuel units: a cost is above T exactly when it is above this.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive and far below 2^63 by `cost_from_fuel`
    pub fn limit_fuel(&self) -> u64 {
        self.limit.floor() as u64
    }

    /// Scores a sample from its cases, `[level][case]`, in the order they were run.
    ///
    /// Levels and cases are visited ascending. The first case that is not correct ends the sample: censored
    /// gives 0 to its level and all later ones, and in level 0 also fails the sample; failed gives 0 to all.
    /// What stands after that case is not looked at, so a list that ends there is enough.
    ///
    /// # Errors
    /// [`ScoreError`] when the list ends before the sample did, or a cost is no cost.
    pub fn score(&self, levels: &[Vec<CaseResult>], cases: &[usize]) -> Result<SampleScore, ScoreError> {
        let count = self.hardness.len();
        if cases.len() != count {
            return Err(ScoreError::Length { what: "levels with case counts", actual: cases.len(), expected: count });
        }
        let zero = |passed| SampleScore { passed, level_scores: vec![0.0; count], efficiency: 0.0 };
        let mut score = zero(true);
        for (level, &expected) in cases.iter().enumerate() {
            let run = levels.get(level).map_or(&[][..], Vec::as_slice);
            let mut dearest = 0.0_f64;
            for case in 0..expected {
                match run.get(case) {
                    Some(CaseResult::Correct { cost: value }) => dearest = dearest.max(cost("a cost", *value)?),
                    Some(CaseResult::Failed) => return Ok(zero(false)),
                    Some(CaseResult::Censored) if level == 0 => return Ok(zero(false)),
                    Some(CaseResult::Censored) => return Ok(self.weighted(score)),
                    None => {
                        return Err(ScoreError::Length { what: "cases of a level", actual: run.len(), expected });
                    }
                }
            }
            if self.hardness[level] > 0.0 {
                score.level_scores[level] = (self.limit - dearest).max(0.0) / (self.limit - self.worst[level]);
            }
        }
        Ok(self.weighted(score))
    }

    fn weighted(&self, mut score: SampleScore) -> SampleScore {
        let sum: f64 = self.hardness.iter().zip(&score.level_scores).map(|(weight, level)| weight * level).sum();
        score.efficiency = sum / self.hardness.iter().sum::<f64>();
        score
    }
}

/// Fuel as a cost, exactly.
///
/// # Errors
/// [`ScoreError::FuelTooLarge`] above 2^53, where doubles skip integers.
pub fn cost_from_fuel(units: u64) -> Result<f64, ScoreError> {
    if units <= 1 << 53 { Ok(units as f64) } else { Err(ScoreError::FuelTooLarge { units }) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::CaseResult::{Censored, Correct, Failed};
    use super::*;

    /// B = (-, 10, 20), A = 20, T = 40.
    fn budget() -> Budget {
        Budget::new(&[vec![99.0], vec![10.0, 5.0], vec![20.0]], &[0.0, 1.0, 3.0], 2.0).unwrap()
    }

    fn score(levels: &[Vec<CaseResult>]) -> SampleScore {
        budget().score(levels, &[1, 2, 1]).unwrap()
    }

    fn ok(cost: f64) -> CaseResult {
        Correct { cost }
    }

    #[test]
    fn hand_sums() {
        assert_eq!(budget().limit(), 40.0);
        // worst of level 1 is its second case: (40-25)/(40-10) = 0.5; level 2: (40-30)/(40-20) = 0.5
        let got = score(&[vec![ok(1.0)], vec![ok(3.0), ok(25.0)], vec![ok(30.0)]]);
        assert_eq!(got, SampleScore { passed: true, level_scores: vec![0.0, 0.5, 0.5], efficiency: 0.5 });
        // free code reaches 40/30 and 40/20, and is not clamped
        let got = score(&[vec![ok(0.0)], vec![ok(0.0), ok(0.0)], vec![ok(0.0)]]);
        assert!((got.efficiency - (40.0 / 30.0 + 3.0 * 2.0) / 4.0).abs() < 1e-12);
        // a cost above T that was not stopped (a tolerance) scores 0
        assert_eq!(score(&[vec![ok(1.0)], vec![ok(10.0), ok(1.0)], vec![ok(41.0)]]).level_scores, [0.0, 1.0, 0.0]);
    }

    #[test]
    fn the_reference_scores_exactly_one() {
        let got = score(&[vec![ok(99.0)], vec![ok(10.0), ok(5.0)], vec![ok(20.0)]]);
        assert_eq!((got.passed, got.efficiency), (true, 1.0));
    }

    #[test]
    fn the_first_case_that_is_not_correct_decides() {
        let late = score(&[vec![ok(1.0)], vec![ok(10.0), ok(1.0)], vec![Censored]]);
        assert_eq!(late, SampleScore { passed: true, level_scores: vec![0.0, 1.0, 0.0], efficiency: 0.25 });
        let first = score(&[vec![Censored], vec![ok(1.0), ok(1.0)], vec![ok(1.0)]]);
        assert_eq!((first.passed, first.efficiency), (false, 0.0));
        let wrong = score(&[vec![ok(1.0)], vec![ok(1.0), ok(1.0)], vec![Failed]]);
        assert_eq!(wrong, SampleScore { passed: false, level_scores: vec![0.0; 3], efficiency: 0.0 });
        // censored before the wrong answer: correctness of later cases is never looked at
        let both = score(&[vec![ok(1.0)], vec![ok(1.0), Censored], vec![Failed]]);
        assert!(both.passed && both.efficiency == 0.0);
        assert_eq!(score(&[vec![ok(1.0)], vec![ok(1.0), Censored]]), both);
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(matches!(Budget::new(&[vec![1.0]], &[1.0], 1.0), Err(ScoreError::Alpha { .. })));
        assert_eq!(Budget::new(&[vec![1.0]], &[0.0], 2.0), Err(ScoreError::NoLimit));
        assert!(Budget::new(&[vec![f64::NAN]], &[1.0], 2.0).is_err());
        assert!(matches!(Budget::new(&[vec![1e308]], &[1.0], 2.0), Err(ScoreError::NotFinite { .. })));
        assert!(budget().score(&[vec![ok(1.0)]], &[1, 2, 1]).is_err(), "ends before the sample did");
        assert_eq!(cost_from_fuel(1 << 53), Ok(9_007_199_254_740_992.0));
        assert!(cost_from_fuel((1 << 53) + 1).is_err());
    }
}
