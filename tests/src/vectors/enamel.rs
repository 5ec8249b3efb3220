//! pass@k and ENAMEL.

use frugal_score as score;
use frugal_score::{Budget, CaseResult, Scored};
use serde_json::Value;

use super::json::{count, field, list, number, numbers, object};
use super::{BadVector, Comparison};

pub(super) fn pass_at_k(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for case in list(vector, "cases")? {
        let (n, c, k) = (count(case, "n")?, count(case, "c")?, count(case, "k")?);
        let got = score::pass_at_k(n, c, k)?;
        comparisons.push(Comparison::new(format!("n={n} c={c} k={k}"), got, number(case, "expected")?));
    }
    Ok(comparisons)
}

pub(super) fn hodges_lehmann(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for (at, case) in list(vector, "cases")?.iter().enumerate() {
        let got = score::hodges_lehmann(&numbers(field(case, "times")?)?)?;
        comparisons.push(Comparison::new(format!("case {at}"), got, number(case, "expected")?));
    }
    Ok(comparisons)
}

pub(super) fn eff_at_k(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for case in list(vector, "cases")? {
        let scores = numbers(field(case, "e")?)?;
        for (k, want) in object(case, "expected")? {
            let draw = k.parse().map_err(|_| BadVector(format!("`{k}` is not a k")))?;
            let want = want.as_f64().ok_or_else(|| BadVector(format!("expected at k={k} is not a number")))?;
            let name = format!("{} k={k}", field(case, "name")?);
            comparisons.push(Comparison::new(name, score::eff_at_k(&scores, draw)?, want));
        }
    }
    Ok(comparisons)
}

pub(super) fn sample_score(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for case in list(vector, "cases")? {
        let name = field(case, "name")?.to_string();
        let reference = list(case, "ref_seconds")?.iter().map(numbers).collect::<Result<Vec<_>, _>>()?;
        let hardness = numbers(field(case, "hardness")?)?;
        let budget = Budget::new(&reference, &hardness, number(case, "alpha")?)?;
        let levels = scripted_levels(case, budget.limit() + number(case, "tolerance_s")?)?;
        let cases: Vec<usize> = reference.iter().map(Vec::len).collect();
        let got = budget.score(&levels, &cases)?;

        let want = field(case, "expected")?;
        comparisons.push(Comparison::new(format!("{name} limit"), budget.limit(), number(want, "time_limit_s")?));
        let passed = field(want, "passed")?.as_bool().ok_or_else(|| BadVector("`passed` is not a boolean".into()))?;
        comparisons.push(Comparison::new(format!("{name} passed"), truth(got.passed), truth(passed)));
        comparisons.push(Comparison::new(format!("{name} e"), got.efficiency, number(want, "e")?));
        let want_levels = numbers(field(want, "level_scores")?)?;
        if want_levels.len() != got.level_scores.len() {
            return Err(BadVector(format!("{name}: {} level scores", want_levels.len())));
        }
        for (level, (got, want)) in got.level_scores.iter().zip(want_levels).enumerate() {
            comparisons.push(Comparison::new(format!("{name} level {level}"), *got, want));
        }
    }
    Ok(comparisons)
}

/// A scripted time past limit and tolerance is a timeout, unless the script raises an error before that.
fn scripted_levels(case: &Value, killed_after: f64) -> Result<Vec<Vec<CaseResult>>, BadVector> {
    let mut levels = Vec::new();
    for (times, outcomes) in list(case, "sample_seconds")?.iter().zip(list(case, "outcome")?) {
        let (Some(times), Some(outcomes)) = (times.as_array(), outcomes.as_array()) else {
            return Err(BadVector("levels are not lists".into()));
        };
        let mut level = Vec::new();
        for (repeats, outcome) in times.iter().zip(outcomes) {
            let repeats = numbers(repeats)?;
            level.push(match outcome.as_str() {
                Some("timeout" | "oom") => CaseResult::Censored,
                Some("error") => CaseResult::Failed,
                _ if repeats.iter().any(|time| *time > killed_after) => CaseResult::Censored,
                Some("ok") => CaseResult::Correct { cost: score::hodges_lehmann(&repeats)? },
                Some("wrong") => CaseResult::Failed,
                _ => return Err(BadVector(format!("unknown outcome {outcome}"))),
            });
        }
        levels.push(level);
    }
    Ok(levels)
}

/// Level scores and pass flags per problem and sample, and the benchmark's metrics.
pub(super) fn dataset(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let hardness = numbers(field(vector, "hardness")?)?;
    let weight: f64 = hardness.iter().sum();
    let passes = object(vector, "passes")?;
    let mut problems = Vec::new();
    for (id, samples) in object(vector, "effs")? {
        let samples = samples.as_array().ok_or_else(|| BadVector(format!("effs of {id} are not a list")))?;
        let passed = passes.get(id).and_then(Value::as_array).ok_or_else(|| BadVector(format!("no passes of {id}")))?;
        if samples.len() != passed.len() {
            return Err(BadVector(format!("{id}: {} scores, {} passes", samples.len(), passed.len())));
        }
        let mut problem = Vec::new();
        for (levels, passed) in samples.iter().zip(passed) {
            let levels = numbers(levels)?;
            let efficiency = hardness.iter().zip(&levels).map(|(h, f)| h * f).sum::<f64>() / weight;
            problem.push(Scored { passed: passed.as_bool() == Some(true), efficiency });
        }
        problems.push(problem);
    }
    let expected = object(vector, "expected")?;
    let mut ks: Vec<u32> = expected.keys().filter_map(|key| key.split_once('@')?.1.parse().ok()).collect();
    ks.sort_unstable();
    ks.dedup();
    let got = score::benchmark(&problems, &ks)?;
    let mut comparisons = Vec::new();
    for (metric, want) in expected {
        let want = want.as_f64().ok_or_else(|| BadVector(format!("`{metric}` is not a number")))?;
        let got = got.metrics.get(metric).copied().unwrap_or(f64::NAN);
        comparisons.push(Comparison::new(metric.clone(), got, want));
    }
    Ok(comparisons)
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
