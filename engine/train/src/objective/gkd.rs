//! GKD: distillation under a generalised Jensen-Shannon divergence, over whole distributions.
//!
//! With T the teacher's and S the student's distribution at a temperature: β = 0 is KL(T‖S), β = 1 is KL(S‖T); between
//! them β KL(T‖m) + (1 − β) KL(S‖m), m = β T + (1 − β) S. The loss is the mean over the tokens that count.

use super::{ObjectiveError, positive};
use crate::mask::Mask;
use crate::real::Real;
use crate::row::{Normaliser, check};

/// Which divergence, and how soft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// β, in \[0, 1\].
    pub mixture: f64,
    /// What logits are divided by, above 0.
    pub temperature: f64,
}

impl Settings {
    /// # Errors
    /// [`ObjectiveError::Setting`] outside the ranges.
    pub fn check(&self) -> Result<(), ObjectiveError> {
        positive("the temperature", self.temperature)?;
        if (0.0..=1.0).contains(&self.mixture) {
            return Ok(());
        }
        Err(ObjectiveError::Setting { name: "the mixture", value: self.mixture, range: "between 0 and 1" })
    }

    /// One row: its divergence, and the gradient of `weight` times it by the student's logits. The teacher gets none.
    ///
    /// # Errors
    /// [`ObjectiveError`] when widths differ or a logit is not finite.
    pub fn row<R: Real>(
        &self,
        student: &[R],
        teacher: &[R],
        weight: f64,
        gradient: &mut [R],
    ) -> Result<f64, ObjectiveError> {
        self.check()?;
        check(student, teacher)?;
        let scale = 1.0 / self.temperature;
        let (of_student, of_teacher) = (Normaliser::of(student, scale), Normaliser::of(teacher, scale));
        let at = |index: usize| {
            let log_s = of_student.log_prob(student[index].to_f64() * scale);
            (log_s, of_teacher.log_prob(teacher[index].to_f64() * scale))
        };
        let (mut divergence, mut mean) = (0.0, 0.0);
        for index in 0..student.len() {
            let (log_s, log_t) = at(index);
            divergence += self.term(log_s, log_t);
            mean += libm::exp(log_s) * self.slope(log_s, log_t);
        }
        for (index, out) in gradient.iter_mut().enumerate() {
            let (log_s, log_t) = at(index);
            *out = R::from_f64(weight * scale * libm::exp(log_s) * (self.slope(log_s, log_t) - mean));
        }
        Ok(divergence)
    }

    /// ln m, from logarithms.
    fn log_mixture(&self, log_s: f64, log_t: f64) -> f64 {
        let (student, teacher) = (log_s + libm::log(1.0 - self.mixture), log_t + libm::log(self.mixture));
        let largest = student.max(teacher);
        largest + libm::log(libm::exp(student - largest) + libm::exp(teacher - largest))
    }

    /// One token's part of the divergence.
    fn term(&self, log_s: f64, log_t: f64) -> f64 {
        if self.mixture == 0.0 {
            return libm::exp(log_t) * (log_t - log_s);
        }
        if self.mixture == 1.0 {
            return libm::exp(log_s) * (log_s - log_t);
        }
        let log_m = self.log_mixture(log_s, log_t);
        self.mixture * libm::exp(log_t) * (log_t - log_m) + (1.0 - self.mixture) * libm::exp(log_s) * (log_s - log_m)
    }

    /// The derivative by S(v), up to a constant that the softmax takes out.
    fn slope(&self, log_s: f64, log_t: f64) -> f64 {
        if self.mixture == 0.0 {
            -libm::exp(log_t - log_s)
        } else if self.mixture == 1.0 {
            log_s - log_t
        } else {
            (1.0 - self.mixture) * (log_s - self.log_mixture(log_s, log_t))
        }
    }
}

/// The loss of a batch of logits `[rows, vocabulary]`, and its gradient by the student's, row by row: nothing wider than
/// the gradient is held.
///
/// # Errors
/// [`ObjectiveError`] when the rows do not fit, a logit that counts is not finite, or a setting is out of range.
pub fn loss<R: Real>(
    mask: &Mask,
    vocabulary: usize,
    student: &[R],
    teacher: &[R],
    settings: Settings,
) -> Result<(R, Vec<R>), ObjectiveError> {
    settings.check()?;
    let expected = mask.len().saturating_mul(vocabulary);
    for (what, logits) in [("logits of the student", student), ("logits of the teacher", teacher)] {
        if logits.len() != expected {
            let (sequences, tokens) = (mask.sequences(), mask.tokens());
            return Err(crate::RowsError::Length { what, found: logits.len(), expected, sequences, tokens }.into());
        }
    }
    let (mut gradient, mut sum) = (vec![R::ZERO; expected], 0.0);
    let share = 1.0 / mask.count() as f64;
    for (_, row) in mask.rows() {
        let at = row * vocabulary..(row + 1) * vocabulary;
        sum += settings.row(&student[at.clone()], &teacher[at.clone()], share, &mut gradient[at])? * share;
    }
    Ok((R::from_f64(sum), gradient))
}
