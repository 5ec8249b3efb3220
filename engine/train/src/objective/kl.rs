//! Estimators of KL(π‖ref) from single samples of π, and which of them may be a loss.
//!
//! With R = ln ref(y) − ln π(y): k1 = −R, k2 = R²/2, k3 = e^R − R − 1. k1 and k3 are unbiased as values. As losses, in
//! expectation over the policy's own samples, k1 has gradient 0, k2 that of KL(π‖ref), and k3 that of KL(ref‖π).

use super::ObjectiveError;
use crate::real::Real;

/// An estimator as a number to look at, or to subtract from a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// −R.
    K1,
    /// R²/2.
    K2,
    /// e^R − R − 1.
    K3,
}

/// An estimator whose gradient is worth following: k1 is none, which the type says.
///
/// ```compile_fail
/// use frugal_train::objective::kl::LossEstimator;
/// let estimator = LossEstimator::K1;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossEstimator {
    /// Its gradient is that of KL(π‖ref).
    K2,
    /// Its gradient is that of KL(ref‖π); its value overflows where R is large, and is held there.
    K3,
}

/// A sample's estimate and its derivative by ln π(y).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate<R> {
    /// The estimate.
    pub value: R,
    /// Its derivative by ln π(y), the sample held fixed.
    pub derivative: R,
    /// Whether e^R was held at the end of its range.
    pub held: bool,
}

impl Estimator {
    /// From R = ln ref(y) − ln π(y).
    pub fn at<R: Real>(self, log_ratio: R) -> Estimate<R> {
        match self {
            Self::K1 => Estimate { value: -log_ratio, derivative: R::ONE, held: false },
            Self::K2 => {
                let value = R::from_f64(0.5) * log_ratio * log_ratio;
                Estimate { value, derivative: -log_ratio, held: false }
            }
            Self::K3 => {
                let held = log_ratio > R::EXPONENT_MAX;
                let grown = log_ratio.min(R::EXPONENT_MAX).exp_m1();
                Estimate { value: grown - log_ratio, derivative: -grown, held }
            }
        }
    }
}

impl From<LossEstimator> for Estimator {
    fn from(estimator: LossEstimator) -> Self {
        match estimator {
            LossEstimator::K2 => Self::K2,
            LossEstimator::K3 => Self::K3,
        }
    }
}

impl TryFrom<Estimator> for LossEstimator {
    type Error = ObjectiveError;

    fn try_from(estimator: Estimator) -> Result<Self, ObjectiveError> {
        match estimator {
            Estimator::K1 => Err(ObjectiveError::K1AsLoss),
            Estimator::K2 => Ok(Self::K2),
            Estimator::K3 => Ok(Self::K3),
        }
    }
}
