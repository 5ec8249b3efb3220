//! Preference optimisation, policy gradients and distillation: every number in f64, and again in f32.
//!
//! Tolerances are those that stand beside the files. Besides a relative one there is an absolute one, for what is 0 or
//! nearly.

mod metrics;
mod pairs;
mod rewards;
mod teacher;

use frugal_train::{Mask, Real};
use serde_json::Value;

use super::json::{field, list, number, numbers};
use super::{BadVector, Comparison};

pub(super) use metrics::metrics;
pub(super) use pairs::{f_dpo, tdpo};
pub(super) use rewards::{grpo, ppo};
pub(super) use teacher::{gkd, kdrl, kl_estimators};

macro_rules! from_error {
    ($($error:ty),*) => {
        $(impl From<$error> for BadVector {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })*
    };
}
from_error!(
    frugal_train::RowsError,
    frugal_train::objective::ObjectiveError,
    frugal_train::divergence::Refused,
    frugal_train::metrics::MetricError
);

/// A number's width, and how far a result may be from what is expected.
trait Width: Real {
    const NAME: &'static str;
    const RELATIVE: f64;
    const ABSOLUTE: f64;
    const ROUNDING: f64;
}

impl Width for f64 {
    const NAME: &'static str = "f64";
    const RELATIVE: f64 = 1e-9;
    const ABSOLUTE: f64 = 1e-11;
    const ROUNDING: f64 = f64::EPSILON / 2.0;
}

impl Width for f32 {
    const NAME: &'static str = "f32";
    const RELATIVE: f64 = 1e-4;
    const ABSOLUTE: f64 = 1e-6;
    const ROUNDING: f64 = 5.960_464_5e-8;
}

/// Comparisons of one case in one width.
struct Case<'a> {
    name: String,
    value: &'a Value,
    all: &'a mut Vec<Comparison>,
    /// What rounding the inputs to the width does to a difference of two of them.
    slack: f64,
}

impl<'a> Case<'a> {
    fn new<R: Width>(value: &'a Value, all: &'a mut Vec<Comparison>) -> Result<Self, BadVector> {
        let name = field(value, "id")?.as_str().unwrap_or_default();
        Ok(Self { name: format!("{name} in {}", R::NAME), value, all, slack: 0.0 })
    }

    fn narrow<R: Real>(&self, field: &str) -> Result<Vec<R>, BadVector> {
        Ok(flat(self.value, field)?.into_iter().map(R::from_f64).collect())
    }

    /// One comparison per number of a field of `expected`, which `parent` names.
    fn compare<R: Width>(&mut self, expected: &Value, name: &str, got: &[R]) -> Result<(), BadVector> {
        let want = flat(expected, name)?;
        if got.len() != want.len() {
            return Err(BadVector(format!("{} {name}: {} numbers for {}", self.name, got.len(), want.len())));
        }
        for (at, (got, want)) in got.iter().zip(want).enumerate() {
            self.push::<R>(&format!("{name}[{at}]"), got.to_f64(), want);
        }
        Ok(())
    }

    /// Where the expected number lies beyond the width, ours must be finite.
    fn push<R: Width>(&mut self, name: &str, got: f64, want: f64) {
        let name = format!("{} {name}", self.name);
        let beyond = want.abs() >= 1e38 && R::EXPONENT_MAX.to_f64() < 100.0;
        self.all.push(if beyond {
            Comparison::within(format!("{name} is finite"), f64::from(u8::from(got.is_finite())), 1.0, 0.0)
        } else {
            Comparison::within(name, got, want, R::RELATIVE * want.abs() + R::ABSOLUTE + self.slack)
        });
    }

    fn compare_one<R: Width>(&mut self, expected: &Value, name: &str, got: R) -> Result<(), BadVector> {
        let want = number(expected, name)?;
        self.push::<R>(name, got.to_f64(), want);
        Ok(())
    }

    /// Something that must hold.
    fn holds(&mut self, what: &str, holds: bool) {
        self.all.push(Comparison::within(format!("{} {what}", self.name), f64::from(u8::from(holds)), 1.0, 0.0));
    }

    /// `[sequences, tokens]` of zeros and ones.
    fn mask(&self) -> Result<Mask, BadVector> {
        let rows = list(self.value, "mask")?;
        let kept: Vec<bool> = flat(self.value, "mask")?.into_iter().map(|kept| kept != 0.0).collect();
        let tokens = kept.len() / rows.len().max(1);
        Ok(Mask::new(rows.len(), tokens, kept)?)
    }
}

/// Every case in both widths.
fn both(
    vector: &Value,
    wide: impl Fn(Case<'_>) -> Result<(), BadVector>,
    narrow: impl Fn(Case<'_>) -> Result<(), BadVector>,
) -> Result<Vec<Comparison>, BadVector> {
    let mut all = Vec::new();
    for case in list(vector, "cases")? {
        wide(Case::new::<f64>(case, &mut all)?)?;
        narrow(Case::new::<f32>(case, &mut all)?)?;
    }
    Ok(all)
}

/// All numbers of nested lists, in order.
fn flat(value: &Value, name: &str) -> Result<Vec<f64>, BadVector> {
    fn collect(value: &Value, all: &mut Vec<f64>) -> Result<(), BadVector> {
        match value {
            Value::Array(items) if items.iter().all(Value::is_number) => {
                all.extend(numbers(value)?);
                Ok(())
            }
            Value::Array(items) => items.iter().try_for_each(|item| collect(item, all)),
            other => Err(BadVector(format!("{other} is not a number"))),
        }
    }
    let mut all = Vec::new();
    collect(field(value, name)?, &mut all)?;
    Ok(all)
}

/// Whole numbers of nested lists, in order.
fn integers(value: &Value, name: &str) -> Result<Vec<i64>, BadVector> {
    #[allow(clippy::cast_possible_truncation)] // checked to be whole
    let whole = |number: f64| (number as i64 as f64 == number).then_some(number as i64);
    let all = flat(value, name)?;
    all.into_iter().map(|number| whole(number).ok_or_else(|| BadVector(format!("`{name}` holds {number}")))).collect()
}

fn size(value: &Value, name: &str) -> Result<usize, BadVector> {
    let count = field(value, name)?.as_u64().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| BadVector(format!("`{name}` is not a count")))
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, BadVector> {
    field(value, name)?.as_str().ok_or_else(|| BadVector(format!("`{name}` is not a text")))
}

/// Statistics of every row of logits that counts, and what they are read from.
struct Logits<'a, R> {
    mask: &'a Mask,
    vocabulary: usize,
    policy: &'a [R],
    reference: &'a [R],
    targets: &'a [usize],
}

/// What an objective hears of each row.
struct Heard<R> {
    log_prob: Vec<R>,
    reference: Vec<R>,
    kl_ref_policy: Vec<R>,
    kl_policy_ref: Vec<R>,
}

impl<R: Real> Logits<'_, R> {
    fn row<'b>(&self, row: usize, logits: &'b [R]) -> &'b [R] {
        &logits[row * self.vocabulary..(row + 1) * self.vocabulary]
    }

    fn statistics(&self, row: usize) -> Result<frugal_train::RowStatistics, BadVector> {
        let (policy, reference) = (self.row(row, self.policy), self.row(row, self.reference));
        Ok(frugal_train::RowStatistics::of(policy, reference, self.targets[row])?)
    }

    fn heard(&self) -> Result<Heard<R>, BadVector> {
        let expected = self.mask.len() * self.vocabulary;
        if self.policy.len() != expected || self.reference.len() != expected || self.targets.len() != self.mask.len() {
            return Err(BadVector("logits, tokens and mask do not fit together".to_owned()));
        }
        let zeros = || vec![R::ZERO; self.mask.len()];
        let mut heard = Heard { log_prob: zeros(), reference: zeros(), kl_ref_policy: zeros(), kl_policy_ref: zeros() };
        for (_, row) in self.mask.rows() {
            let statistics = self.statistics(row)?;
            heard.log_prob[row] = R::from_f64(statistics.log_prob);
            heard.reference[row] = R::from_f64(statistics.reference);
            heard.kl_ref_policy[row] = R::from_f64(statistics.kl_ref_policy);
            heard.kl_policy_ref[row] = R::from_f64(statistics.kl_policy_ref);
        }
        Ok(heard)
    }

    /// The gradient by the policy's logits, each row written in two parts.
    fn gradient(&self, by: &frugal_train::objective::RowGradients<R>) -> Result<Vec<R>, BadVector> {
        let mut all = vec![R::ZERO; self.policy.len()];
        for (_, row) in self.mask.rows() {
            let statistics = self.statistics(row)?;
            let by = frugal_train::RowGradient {
                log_prob: by.log_prob[row].to_f64(),
                kl_ref_policy: by.kl_ref_policy[row].to_f64(),
                kl_policy_ref: by.kl_policy_ref[row].to_f64(),
            };
            let (policy, reference) = (self.row(row, self.policy), self.row(row, self.reference));
            let middle = self.vocabulary / 2;
            let out = &mut all[row * self.vocabulary..(row + 1) * self.vocabulary];
            let (first, second) = out.split_at_mut(middle);
            let target = self.targets[row];
            statistics.gradient(0, &policy[..middle], &reference[..middle], target, by, first);
            statistics.gradient(middle, &policy[middle..], &reference[middle..], target, by, second);
        }
        Ok(all)
    }
}
