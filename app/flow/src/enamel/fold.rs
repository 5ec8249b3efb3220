//! Facts and numbers become a report.

use frugal_report::{
    CaseFuel, CasePlace, Coverage, EvaluationOptions, EvaluationReport, FuelUnits, ProblemReport, ProblemStatus,
    SampleReport, Verdict,
};
use frugal_score::{Budget, CaseResult, SampleScore, ScoreError, Scored, benchmark, cost_from_fuel};

use super::Options;
use super::problem_run::budget;
use crate::limits_report;

/// Recomputes everything that follows from a stored report's fuel, with nothing run; for other k if given.
///
/// # Errors
/// [`ScoreError`] when the stored numbers contradict each other.
pub fn rescore(report: &EvaluationReport, k: Option<&[u32]>) -> Result<EvaluationReport, ScoreError> {
    let mut report = report.clone();
    if let Some(k) = k {
        report.options.k = k.to_vec();
    }
    let options = report.options.clone();
    for problem in &mut report.problems {
        for sample in &mut problem.samples {
            let scored = score_sample(&options, &problem.reference_fuel, sample)?;
            *sample = scored;
        }
    }
    summarise(&mut report)?;
    Ok(report)
}

/// Fills in what follows from a sample's verdict, place and fuel.
pub(super) fn score_sample(
    options: &EvaluationOptions,
    reference: &[Vec<FuelUnits>],
    sample: &SampleReport,
) -> Result<SampleReport, ScoreError> {
    let zero = SampleReport {
        passed: false,
        efficiency: 0.0,
        level_scores: vec![0.0; options.hardness.len()],
        cost_ratio: None,
        ..sample.clone()
    };
    if !sample.verdict.is_scored() || reference.is_empty() {
        return Ok(zero);
    }
    let limit = limit(options, reference)?;
    let cases: Vec<usize> = options.tests_per_level.iter().map(|tests| *tests as usize).collect();
    let results = case_results(sample.verdict, sample.place, &sample.fuel)?;
    let SampleScore { passed, level_scores, efficiency } = limit.score(&results, &cases)?;
    let cost_ratio = if passed { cost_ratio(options, reference, &sample.fuel) } else { None };
    Ok(SampleReport { passed, efficiency, level_scores, cost_ratio, ..zero })
}

/// The limit that a reference's fuel sets.
fn limit(options: &EvaluationOptions, reference: &[Vec<FuelUnits>]) -> Result<Budget, ScoreError> {
    budget(reference, &options.hardness, options.alpha)
}

fn case_results(
    verdict: Verdict,
    place: Option<CasePlace>,
    fuel: &[Vec<CaseFuel>],
) -> Result<Vec<Vec<CaseResult>>, ScoreError> {
    let mut results = Vec::with_capacity(fuel.len());
    for level in fuel {
        let case = |case: &CaseFuel| cost_from_fuel(case.net_fuel.0).map(|cost| CaseResult::Correct { cost });
        results.push(level.iter().map(case).collect::<Result<Vec<_>, _>>()?);
    }
    let ended = match verdict {
        Verdict::OutOfFuel | Verdict::OutOfMemory | Verdict::Overflow => CaseResult::Censored,
        Verdict::WrongOutput | Verdict::Error => CaseResult::Failed,
        Verdict::Passed | Verdict::InfrastructureFailure | Verdict::Pending => return Ok(results),
    };
    let at = place.and_then(|place| results.get_mut(place.level as usize)?.get_mut(place.case as usize));
    *at.ok_or(ScoreError::Empty { what: "place of a sample that did not pass" })? = ended;
    Ok(results)
}

/// Fuel of the sample over fuel of the reference, on weighted cases that both finished.
fn cost_ratio(options: &EvaluationOptions, reference: &[Vec<FuelUnits>], fuel: &[Vec<CaseFuel>]) -> Option<f64> {
    let (mut sample_sum, mut reference_sum) = (0_u128, 0_u128);
    for (level, weight) in options.hardness.iter().enumerate() {
        if *weight == 0.0 {
            continue;
        }
        for (own, expert) in fuel.get(level)?.iter().zip(reference.get(level)?).filter(|(own, _)| !own.is_lower_bound) {
            sample_sum += u128::from(own.net_fuel.0);
            reference_sum += u128::from(expert.0);
        }
        if fuel.len() <= level + 1 {
            break;
        }
    }
    (reference_sum > 0).then(|| sample_sum as f64 / reference_sum as f64)
}

/// Metrics, counts and notices from the problems.
pub(super) fn summarise(report: &mut EvaluationReport) -> Result<(), ScoreError> {
    let mut scored: Vec<Vec<Scored>> = Vec::new();
    let mut coverage = Coverage { problems_total: report.coverage.problems_total, ..Coverage::default() };
    for problem in &report.problems {
        let samples: Vec<Scored> = problem
            .samples
            .iter()
            .filter(|sample| problem.status == ProblemStatus::Evaluated && sample.verdict.is_scored())
            .map(|sample| Scored { passed: sample.passed, efficiency: sample.efficiency })
            .collect();
        let failed = problem.samples.iter().filter(|sample| sample.verdict == Verdict::InfrastructureFailure).count();
        let failed = failed + usize::from(problem.status == ProblemStatus::InfrastructureFailure);
        coverage.infrastructure_failures += count(failed);
        coverage.samples_total += count(problem.samples.len());
        coverage.samples += count(samples.len());
        coverage.interrupted |= problem.status == ProblemStatus::Pending
            || problem.samples.iter().any(|sample| sample.verdict == Verdict::Pending)
                && problem.status != ProblemStatus::InfrastructureFailure;
        if !samples.is_empty() {
            coverage.problems += 1;
            scored.push(samples);
        }
    }
    report.coverage = coverage;
    report.notices.retain(|notice| !notice.starts_with(DROPPED));
    report.metrics.clear();
    report.intervals.clear();
    if scored.is_empty() {
        return Ok(());
    }
    let score = benchmark(&scored, &report.options.k)?;
    report.metrics = score.metrics;
    let ends = score.intervals.into_iter().map(|(name, interval)| (name, [interval.low, interval.high]));
    report.intervals = ends.collect();
    if !score.dropped.is_empty() {
        let fewest = scored.iter().map(Vec::len).min().unwrap_or_default();
        let dropped: Vec<String> = score.dropped.iter().map(u32::to_string).collect();
        let list = dropped.join(", ");
        report.notices.push(format!("{DROPPED} k = {list}: a problem has only {fewest} scored sample(s)"));
    }
    Ok(())
}

const DROPPED: &str = "dropped";

pub(super) fn options_report(options: &Options) -> EvaluationOptions {
    let mut k = options.k.clone();
    k.sort_unstable();
    k.dedup();
    EvaluationOptions {
        k,
        alpha: options.alpha,
        tolerance_fuel: FuelUnits(options.tolerance_fuel),
        hardness: options.hardness.clone(),
        tests_per_level: options.tests_per_level.clone(),
        repeats: options.repeats,
        seed: options.seed,
        limits: limits_report(&options.limits),
    }
}

/// A problem's report before scoring; `limit_fuel` follows from the reference.
pub(super) fn problem_report(
    options: &EvaluationOptions,
    mut problem: ProblemReport,
) -> Result<ProblemReport, ScoreError> {
    if !problem.reference_fuel.is_empty() {
        problem.limit_fuel = FuelUnits(limit(options, &problem.reference_fuel)?.limit_fuel());
    }
    let scored: Result<Vec<_>, _> =
        problem.samples.iter().map(|sample| score_sample(options, &problem.reference_fuel, sample)).collect();
    problem.samples = scored?;
    Ok(problem)
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX) // files are read into memory, so 2^32 items cannot be
}
