//! KDRL: reinforcement learning and distillation from a teacher, in one step over the student's own rollouts.
//!
//! J = J_GRPO − β KL(student‖teacher). The policy gradient is strictly on-policy (ρ = 1), a mean over all response
//! tokens of the batch, and without a reference: that place is the teacher's. Token-wise estimators ignore that a token
//! changes the states after it. Equations as published secondhand; the settings of [`Conventions`] are unverified and
//! part of what a run records.

use super::grpo::{Advantages, Deviation, POPULATION, Scale, advantages, shaped};
use super::kl::{Estimator, LossEstimator};
use super::{Metrics, ObjectiveError, Outcome, RowGradients, not_negative};
use crate::mask::Mask;
use crate::real::Real;
use crate::reference::Hash;

/// Checks that student and teacher read text alike, from digests of their tokenizer files.
///
/// # Errors
/// [`ObjectiveError::TeacherTokenizer`] where they differ.
pub fn check_tokenizers(student: &Hash, teacher: &Hash) -> Result<(), ObjectiveError> {
    if student == teacher {
        return Ok(());
    }
    let short = |hash: &Hash| hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    Err(ObjectiveError::TeacherTokenizer { student: short(student), teacher: short(teacher) })
}

/// How the distance to the teacher enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distillation {
    /// k1 as a coefficient on the gradient of ln π, detached. With ρ = 1 it is k2 as a loss, sample by sample.
    RewardK1,
    /// An estimator as a loss, token by token.
    Loss(LossEstimator),
    /// KL(student‖teacher) over the whole vocabulary, exact at each state.
    FullVocabulary,
}

/// Which responses are distilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masking {
    /// All of them.
    Everything,
    /// Those with reward 0.
    Response,
    /// Those of prompts that no response of the group answers.
    Group,
}

/// What the distillation loss is divided by under a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normaliser {
    /// All response tokens of the batch.
    AllTokens,
    /// Those that the mask keeps; 0 where it keeps none.
    KeptTokens,
}

/// Choices that publications leave open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conventions {
    /// What the distillation loss is divided by.
    pub normaliser: Normaliser,
    /// What advantages are divided by; nothing when absent.
    pub deviation: Option<Deviation>,
}

impl Default for Conventions {
    fn default() -> Self {
        Self { normaliser: Normaliser::AllTokens, deviation: Some(POPULATION) }
    }
}

impl Conventions {
    fn scale(&self) -> Scale {
        self.deviation.map_or(Scale::Unscaled, Scale::Group)
    }

    /// Both choices in words, for a run's manifest.
    pub fn describe(&self) -> String {
        let normaliser = match self.normaliser {
            Normaliser::AllTokens => "all response tokens",
            Normaliser::KeptTokens => "kept response tokens",
        };
        let deviation = match self.deviation {
            None => "not scaled".to_owned(),
            Some(Deviation { sample, epsilon }) => {
                let kind = if sample { "sample" } else { "population" };
                format!("divided by the group's {kind} standard deviation + {epsilon:e}")
            }
        };
        format!("distillation over {normaliser}; advantages {deviation}")
    }
}

/// Weights of the two parts as training goes on; a function of the step alone, so that a resumed run goes on where it
/// was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// The same at every step.
    Constant {
        /// Weight of the distillation, 0 or above.
        beta: f64,
    },
    /// β_s = max(start − decrease · s, floor).
    Annealed {
        /// β at step 0.
        start: f64,
        /// What each step takes off.
        decrease: f64,
        /// Where it ends.
        floor: f64,
    },
    /// Distillation alone until a step, and reinforcement learning alone from it on.
    HardSwitch {
        /// Weight of the distillation before.
        beta: f64,
        /// The first step of reinforcement learning.
        step: u64,
    },
}

/// Weights of the two parts at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the policy gradient.
    pub reward: f64,
    /// Of the distillation.
    pub distillation: f64,
}

impl Schedule {
    /// The weights at a step, counted from 0.
    pub fn at(&self, step: u64) -> Weights {
        match *self {
            Self::Constant { beta } => Weights { reward: 1.0, distillation: beta },
            Self::Annealed { start, decrease, floor } => {
                Weights { reward: 1.0, distillation: (start - decrease * step as f64).max(floor) }
            }
            Self::HardSwitch { beta, step: first } if step < first => Weights { reward: 0.0, distillation: beta },
            Self::HardSwitch { .. } => Weights { reward: 1.0, distillation: 0.0 },
        }
    }

    /// # Errors
    /// [`ObjectiveError::Setting`] names what is below 0 or not finite.
    pub fn check(&self) -> Result<(), ObjectiveError> {
        match *self {
            Self::Constant { beta } | Self::HardSwitch { beta, .. } => not_negative("beta", beta).map(|_| ()),
            Self::Annealed { start, decrease, floor } => {
                not_negative("the first beta", start)?;
                not_negative("the decrease", decrease)?;
                not_negative("the last beta", floor).map(|_| ())
            }
        }
    }
}

/// What the student's rollouts and the teacher's reading of them gave.
#[derive(Debug, Clone, Copy)]
pub struct Rollouts<'a, R> {
    /// Response tokens.
    pub mask: &'a Mask,
    /// ln of the student's probability of each row's token.
    pub student: &'a [R],
    /// The same of the teacher, which gets no gradient.
    pub teacher: &'a [R],
    /// KL(student‖teacher) of each row; needed by [`Distillation::FullVocabulary`] alone.
    pub kl_student_teacher: Option<&'a [R]>,
    /// One for each response; 0 is a wrong answer.
    pub rewards: &'a [R],
    /// Responses of each prompt, one after the other.
    pub group: usize,
}

/// The joint loss in its two parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint<R> {
    /// Loss, derivatives, metrics. Derivatives by `kl_policy_ref` are by KL(student‖teacher).
    pub outcome: Outcome<R>,
    /// −mean over tokens of A.
    pub policy_loss: R,
    /// The distance to the teacher, before its weight.
    pub distillation_loss: R,
    /// Whether each response is distilled.
    pub kept: Vec<bool>,
    /// One for each response.
    pub advantages: Vec<R>,
}

/// The joint loss at given weights. With the weight of the reward 0 it is distillation alone (KD-RKL).
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, a reward is not finite, or a weight is below 0.
pub fn joint<R: Real>(
    rollouts: &Rollouts<'_, R>,
    weights: Weights,
    distillation: Distillation,
    masking: Masking,
    conventions: Conventions,
) -> Result<Joint<R>, ObjectiveError> {
    not_negative("the weight of the reward", weights.reward)?;
    not_negative("beta", weights.distillation)?;
    rollouts.check(distillation)?;
    let mask = rollouts.mask;
    let Advantages { values: advantages, equal_groups, groups } =
        advantages(rollouts.rewards, rollouts.group, conventions.scale())?;
    let kept = masking.kept(rollouts.rewards, rollouts.group);
    let tokens = mask.count();
    let kept_tokens: usize = (0..mask.sequences()).filter(|at| kept[*at]).map(|at| mask.count_of(at)).sum();
    let divisor = match conventions.normaliser {
        Normaliser::AllTokens => tokens,
        Normaliser::KeptTokens => kept_tokens.max(1),
    };
    let (policy_share, share) = (1.0 / tokens as f64, 1.0 / divisor as f64);
    let mut gradients = RowGradients::zeros(mask.len());
    let (mut policy_loss, mut distillation_loss, mut held) = (0.0, 0.0, 0_usize);
    for (sequence, row) in mask.rows() {
        let advantage = advantages[sequence].to_f64();
        policy_loss -= advantage * policy_share;
        let mut by_log_prob = -weights.reward * advantage * policy_share;
        if kept[sequence] {
            let term = rollouts.term(row, distillation);
            distillation_loss += term.value * share;
            by_log_prob += weights.distillation * term.by_log_prob * share;
            gradients.kl_policy_ref[row] = R::from_f64(weights.distillation * term.by_divergence * share);
            held += usize::from(term.held);
        }
        gradients.log_prob[row] = R::from_f64(by_log_prob);
    }
    let metrics = Metrics::of([
        ("policy_loss", policy_loss),
        ("distillation_loss", distillation_loss),
        ("beta", weights.distillation),
        ("equal_groups_share", equal_groups as f64 / groups as f64),
        ("distilled_tokens", kept_tokens as f64),
        ("saturated_tokens", held as f64),
        ("tokens", tokens as f64),
    ]);
    let loss = R::from_f64(weights.reward * policy_loss + weights.distillation * distillation_loss);
    let outcome = Outcome { loss, gradients, metrics };
    let (policy_loss, distillation_loss) = (R::from_f64(policy_loss), R::from_f64(distillation_loss));
    Ok(Joint { outcome, policy_loss, distillation_loss, kept, advantages })
}

/// The distance to the teacher inside the reward: what [`shaping`] gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Shaped<R> {
    /// Loss, derivatives, metrics.
    pub outcome: Outcome<R>,
    /// r_i − β Σ_t k1_{i,t}.
    pub rewards: Vec<R>,
    /// From the shaped rewards.
    pub advantages: Vec<R>,
}

/// Reward shaping: r′_i = r_i − β Σ_t k1_{i,t}, detached, and then advantages of groups as usual. Our reading of a variant
/// whose exact form is not published where we could read it.
///
/// # Errors
/// As [`joint`].
pub fn shaping<R: Real>(
    rollouts: &Rollouts<'_, R>,
    beta: f64,
    conventions: Conventions,
) -> Result<Shaped<R>, ObjectiveError> {
    let mask = rollouts.mask;
    let rewards = shaped(rollouts.rewards, mask, rollouts.student, rollouts.teacher, beta)?;
    let Advantages { values: advantages, equal_groups, groups } =
        advantages(&rewards, rollouts.group, conventions.scale())?;
    let share = 1.0 / mask.count() as f64;
    let (mut gradients, mut loss) = (RowGradients::zeros(mask.len()), 0.0);
    for (sequence, row) in mask.rows() {
        let advantage = advantages[sequence].to_f64();
        loss -= advantage * share;
        gradients.log_prob[row] = R::from_f64(-advantage * share);
    }
    let metrics = Metrics::of([
        ("policy_loss", loss),
        ("beta", beta),
        ("equal_groups_share", equal_groups as f64 / groups as f64),
        ("tokens", mask.count() as f64),
    ]);
    Ok(Shaped { outcome: Outcome { loss: R::from_f64(loss), gradients, metrics }, rewards, advantages })
}

/// One token's distance to the teacher.
struct Term {
    value: f64,
    by_log_prob: f64,
    by_divergence: f64,
    held: bool,
}

impl<R: Real> Rollouts<'_, R> {
    fn check(&self, distillation: Distillation) -> Result<(), ObjectiveError> {
        self.mask.check("log-probabilities of the student", self.student)?;
        self.mask.check("log-probabilities of the teacher", self.teacher)?;
        self.mask.check_sequences("the reward", self.rewards)?;
        match (distillation, self.kl_student_teacher) {
            (Distillation::FullVocabulary, None) => {
                let (method, what) = ("full-vocabulary distillation", "KL(student || teacher)");
                Err(ObjectiveError::RowsMissing { method, what })
            }
            (Distillation::FullVocabulary, Some(divergences)) => {
                Ok(self.mask.check("KL(student || teacher)", divergences)?)
            }
            _ => Ok(()),
        }
    }

    fn term(&self, row: usize, distillation: Distillation) -> Term {
        let log_ratio = self.teacher[row] - self.student[row];
        let of = |estimator: Estimator| {
            let estimate = estimator.at(log_ratio);
            let (value, by_log_prob) = (estimate.value.to_f64(), estimate.derivative.to_f64());
            Term { value, by_log_prob, by_divergence: 0.0, held: estimate.held }
        };
        match distillation {
            Distillation::RewardK1 => Term { by_log_prob: -log_ratio.to_f64(), ..of(Estimator::K1) },
            Distillation::Loss(estimator) => of(estimator.into()),
            Distillation::FullVocabulary => {
                let value = self.kl_student_teacher.map_or(0.0, |divergences| divergences[row].to_f64());
                Term { value, by_log_prob: 0.0, by_divergence: 1.0, held: false }
            }
        }
    }
}

impl Masking {
    fn kept<R: Real>(self, rewards: &[R], group: usize) -> Vec<bool> {
        let wrong = |reward: &R| *reward <= R::ZERO;
        match self {
            Self::Everything => vec![true; rewards.len()],
            Self::Response => rewards.iter().map(wrong).collect(),
            Self::Group => rewards
                .chunks(group)
                .flat_map(|rewards| std::iter::repeat_n(rewards.iter().all(wrong), rewards.len()))
                .collect(),
        }
    }
}
