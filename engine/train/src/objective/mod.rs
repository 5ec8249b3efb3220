//! Objectives: numbers of a batch's rows in, a loss and its derivatives by those numbers out.
//!
//! Nothing here knows a network. Forward passes give each row's log-probability and divergences; an objective says what
//! the loss is and how it changes with each of them; whoever holds the logits turns that into their gradient.

pub mod dpo;
pub mod f_dpo;
pub mod gkd;
pub mod grpo;
pub mod kdrl;
pub mod kl;
pub mod ppo;
pub mod preference;
pub mod sft;
pub mod tdpo;

use crate::mask::{Mask, RowsError};
use crate::real::Real;

/// Derivatives of a loss by what a row's forward pass gave, one number for each row, 0 where a row does not count.
///
/// With p = softmax(logits) of the policy, q of the reference and y the row's token, the gradient by the row's logits is
/// `log_prob · (onehot(y) − p) + kl_ref_policy · (p − q) + kl_policy_ref · p (ln p − ln q − KL(p‖q))`. The cross-entropy of n
/// tokens has `log_prob = −1/n`. Means over batches are the objective's: nothing is divided later.
#[derive(Debug, Clone, PartialEq)]
pub struct RowGradients<R> {
    /// By ln p(y).
    pub log_prob: Vec<R>,
    /// By KL(q‖p) over the whole vocabulary.
    pub kl_ref_policy: Vec<R>,
    /// By KL(p‖q) over the whole vocabulary.
    pub kl_policy_ref: Vec<R>,
}

impl<R: Real> RowGradients<R> {
    /// Zeros for `rows` rows: a loss that depends on nothing.
    pub fn zeros(rows: usize) -> Self {
        let zeros = || vec![R::ZERO; rows];
        Self { log_prob: zeros(), kl_ref_policy: zeros(), kl_policy_ref: zeros() }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.log_prob.len()
    }
}

/// Named numbers about one batch, beside its loss.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics(Vec<(&'static str, f64)>);

impl Metrics {
    pub(crate) fn of(values: impl IntoIterator<Item = (&'static str, f64)>) -> Self {
        Self(values.into_iter().collect())
    }

    /// The number of that name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// All of them, in the order in which they are shown.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.0.iter().copied()
    }
}

/// What an objective says about a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<R> {
    /// The number that a step lowers.
    pub loss: R,
    /// Derivatives by what the rows gave.
    pub gradients: RowGradients<R>,
    /// What is shown beside it.
    pub metrics: Metrics,
}

/// What forward passes gave, a number for each row of `mask`; rows that do not count may hold anything.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, R> {
    /// Which rows count.
    pub mask: &'a Mask,
    /// ln p(token) under the policy.
    pub log_prob: &'a [R],
    /// ln q(token) under the reference.
    pub reference: &'a [R],
}

impl<R: Real> Rows<'_, R> {
    fn check(&self) -> Result<(), RowsError> {
        self.mask.check("log-probabilities of the policy", self.log_prob)?;
        self.mask.check("log-probabilities of the reference", self.reference)
    }
}

/// What an objective refuses.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ObjectiveError {
    /// The rows do not fit together.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A setting outside its range.
    #[error("{name} is {value}, which is not {range}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        range: &'static str,
    },
    /// A divergence that is not offered.
    #[error(transparent)]
    Divergence(#[from] crate::divergence::Refused),
    /// k1 where a loss is differentiated.
    #[error(
        "k1 as a loss: the expected gradient of log p - log q over the policy's own samples is exactly 0, whatever the \
         reference is; put k1 into the reward, or take k2 as the loss"
    )]
    K1AsLoss,
    /// Pairs need as many rejected sequences as chosen ones.
    #[error("{sequences} sequences are no pairs; chosen ones come first, then as many rejected ones")]
    NoPairs {
        /// Sequences of the batch.
        sequences: usize,
    },
    /// Groups need at least two responses each.
    #[error("{sequences} sequences do not divide into groups of {group}; a group needs 2 responses or more")]
    NoGroups {
        /// Sequences of the batch.
        sequences: usize,
        /// Responses of each group.
        group: usize,
    },
    /// A teacher that reads text in another way.
    #[error(
        "student and teacher have different tokenizers ({student} and {teacher}); their probabilities are of different \
         tokens and cannot be compared: take a teacher with the student's tokenizer"
    )]
    TeacherTokenizer {
        /// The beginning of the digest of the student's.
        student: String,
        /// The beginning of the digest of the teacher's.
        teacher: String,
    },
    /// A method that reads whole distributions was given two numbers a row.
    #[error("{method} needs {what} of every row; log-probabilities alone, as a cache holds them, are not enough")]
    RowsMissing {
        /// Which method.
        method: &'static str,
        /// What is missing.
        what: &'static str,
    },
}

/// A setting that must be above 0.
pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64, ObjectiveError> {
    let good = value.is_finite() && value > 0.0;
    if good { Ok(value) } else { Err(ObjectiveError::Setting { name, value, range: "a finite number above 0" }) }
}

/// A setting that must not be below 0.
pub(crate) fn not_negative(name: &'static str, value: f64) -> Result<f64, ObjectiveError> {
    let good = value.is_finite() && value >= 0.0;
    if good { Ok(value) } else { Err(ObjectiveError::Setting { name, value, range: "a finite number, 0 or above" }) }
}

#[cfg(test)]
mod tests;
