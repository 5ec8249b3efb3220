//! COFFE: efficient@1, speedup, and the stability of its measurements.

use frugal_score as score;
use frugal_score::{Measured, MeasuredProblem, Spread};
use serde_json::Value;

use super::json::{count, field, list, number, numbers, object};
use super::{BadVector, Comparison};

/// What the files write where a measurement failed.
const FAILED: f64 = 9_999_999_999_999_999.0;

/// efficient@1 and speedup of every model, from a cost for each problem, row and test.
pub(super) fn metrics(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for (at, case) in list(vector, "cases")?.iter().enumerate() {
        let expected = [("efficient@1", "expected_efficient_at_1"), ("speedup", "expected_speedup")];
        for (metric, place) in expected {
            for (model, want) in object(case, place)? {
                let want = want.as_f64().ok_or_else(|| BadVector(format!("{metric} of {model} is not a number")))?;
                let problems = problems(case, model)?;
                let got = match metric {
                    "speedup" => score::speedup(&problems)?.ratio_of_sums,
                    _ => score::efficient_at_k(&problems, 1)?,
                };
                comparisons.push(Comparison::new(format!("case {at} {model} {metric}"), got, want));
            }
        }
    }
    Ok(comparisons)
}

/// A model's problems. Row 0 of each is the best ground truth; a model without a row did not solve the problem.
fn problems(case: &Value, model: &str) -> Result<Vec<MeasuredProblem>, BadVector> {
    let counts = object(case, "counts")?;
    let mut problems = Vec::new();
    for (id, labels) in object(case, "labels")? {
        let rows = counts.get(id).and_then(Value::as_array).ok_or_else(|| BadVector(format!("no counts of {id}")))?;
        let labels = labels.as_array().ok_or_else(|| BadVector(format!("labels of {id} are not a list")))?;
        if rows.len() != labels.len() || rows.is_empty() {
            return Err(BadVector(format!("{id}: {} labels, {} rows of counts", labels.len(), rows.len())));
        }
        let sample = match labels.iter().skip(1).position(|label| label == model) {
            None => Measured::Incorrect,
            Some(row) => {
                let costs = numbers(&rows[row + 1])?;
                if costs.contains(&FAILED) { Measured::Unmeasured } else { Measured::Correct { costs } }
            }
        };
        problems.push(MeasuredProblem { ground_truth: numbers(&rows[0])?, samples: vec![sample] });
    }
    let wanted = count(case, "n_problems")?;
    if wanted != problems.len() as u64 {
        return Err(BadVector(format!("`n_problems` is {wanted}, but there are {}", problems.len())));
    }
    Ok(problems)
}

/// Trimmed mean and deviation, RSD and Pearson.
pub(super) fn stability(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for (at, case) in list(vector, "trim")?.iter().enumerate() {
        let got = score::trimmed_spread(&numbers(field(case, "runs")?)?)?;
        comparisons.push(Comparison::new(format!("trim {at} mean"), got.mean, number(case, "mean")?));
        comparisons.push(Comparison::new(format!("trim {at} std"), got.standard_deviation, number(case, "std")?));
    }
    let rsd = field(vector, "rsd")?;
    let (means, deviations) = (numbers(field(rsd, "mean")?)?, numbers(field(rsd, "std")?)?);
    if means.len() != deviations.len() {
        return Err(BadVector(format!("{} means, {} deviations", means.len(), deviations.len())));
    }
    let spreads: Vec<Spread> = means
        .into_iter()
        .zip(deviations)
        .map(|(mean, standard_deviation)| Spread { mean, standard_deviation })
        .collect();
    let got = score::relative_standard_deviation(&spreads)?;
    comparisons.push(Comparison::new("rsd", got, number(rsd, "expected")?));
    let pearson = field(vector, "pearson")?;
    let got = score::pearson(&numbers(field(pearson, "x")?)?, &numbers(field(pearson, "y")?)?)?;
    comparisons.push(Comparison::new("pearson", got, number(pearson, "expected")?));
    Ok(comparisons)
}
