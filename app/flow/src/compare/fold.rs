//! Facts and numbers become a report.

use std::collections::BTreeMap;

use frugal_report::{
    AlignedReport, ComparedProblem, ComparedSample, ComparisonReport, CostPairReport, Coverage, FuelUnits, ModelReport,
    ProblemStatus, Verdict,
};
use frugal_score::dps::{
    References, SampleDps, TaskDps, TaskOptions, aligned_dps, model_dps, profiled_samples, task_dps,
    win_rate_intervals, win_rates,
};
use frugal_score::{
    Bootstrap, Interval, Measured, MeasuredProblem, ScoreError, bootstrap_geometric_mean, bootstrap_mean,
    bootstrap_ratio, correct_at_k, cost_from_fuel, cost_pairs, cost_ratio, efficient_at_k, geometric_mean, speedup,
};

const DROPPED: &str = "dropped";
const CLOSE: &str =
    " sample(s) cost the fastest reference's fuel to within 0.01 %, where the length of a name can decide";

/// Neither cheaper nor dearer by more than where objects happen to lie in memory can explain; equal is not close.
fn is_close(sample: &ComparedSample) -> bool {
    sample.cost_ratio.is_some_and(|ratio| ratio != 1.0 && (ratio - 1.0).abs() <= 1e-4)
}

/// Recomputes everything that follows from a stored report's fuel, with nothing run; for other k if given.
///
/// # Errors
/// [`ScoreError`] when the stored numbers contradict each other.
pub fn rescore(report: &ComparisonReport, k: Option<&[u32]>) -> Result<ComparisonReport, ScoreError> {
    let mut report = report.clone();
    if let Some(k) = k {
        report.options.k = k.to_vec();
    }
    let is_coffe = report.suite == "coffe";
    for problem in &mut report.problems {
        score_samples(problem, is_coffe)?;
    }
    report.coverage = coverage(&report);
    report.notices.retain(|notice| !notice.starts_with(DROPPED));
    report.aligned_dps.clear();
    report.notices.retain(|notice| !notice.ends_with(CLOSE));
    let close = report.problems.iter().flat_map(|problem| &problem.samples).filter(|sample| is_close(sample)).count();
    if close > 0 && report.suite != "evalperf" {
        report.notices.push(format!("{close}{CLOSE}"));
    }
    for model in 0..report.models.len() {
        report.models[model] = fresh(&report.models[model]);
        summarise_failures(&mut report, model);
        if report.suite != "evalperf" {
            summarise_efficiency(&mut report, model)?;
        }
        summarise_cost(&mut report, model)?;
    }
    report.cost_pairs = pairs_by_cost(&report)?;
    if !is_coffe {
        summarise_dps(&mut report)?;
    }
    Ok(report)
}

fn fresh(model: &ModelReport) -> ModelReport {
    ModelReport {
        name: model.name.clone(),
        metrics: BTreeMap::new(),
        intervals: BTreeMap::new(),
        failures: BTreeMap::new(),
        skipped: Vec::new(),
    }
}

/// Whether a problem's samples of a model can be scored at all.
fn is_evaluated(problem: &ComparedProblem) -> bool {
    problem.status == ProblemStatus::Evaluated && !problem.references.is_empty()
}

fn scored(problem: &ComparedProblem, model: usize) -> impl Iterator<Item = &ComparedSample> {
    problem.samples.iter().filter(move |sample| sample.model as usize == model && sample.verdict.is_scored())
}

/// Sum over cases.
fn total(fuel: impl Iterator<Item = FuelUnits>) -> Result<f64, ScoreError> {
    cost_from_fuel(fuel.map(|fuel| fuel.0).fold(0, u64::saturating_add))
}

/// What a sample costs, where every case finished.
fn sample_cost(sample: &ComparedSample) -> Result<Option<f64>, ScoreError> {
    if sample.verdict != Verdict::Passed {
        return Ok(None);
    }
    total(sample.fuel.iter().map(|case| case.net_fuel)).map(Some)
}

fn references(problem: &ComparedProblem) -> Result<References, ScoreError> {
    let count = problem.references.len();
    let even = |at: usize| 100.0 * (at + 1) as f64 / count as f64;
    let scores = problem.references.iter().enumerate().map(|(at, reference)| reference.score.unwrap_or(even(at)));
    let costs = problem.references.iter().map(|reference| total(reference.fuel.iter().copied()));
    References::new(costs.collect::<Result<_, _>>()?, scores.collect())
}

fn score_samples(problem: &mut ComparedProblem, is_coffe: bool) -> Result<(), ScoreError> {
    for sample in &mut problem.samples {
        sample.cost_ratio = None;
        sample.scores.clear();
    }
    if !is_evaluated(problem) {
        return Ok(());
    }
    let references = references(problem)?;
    let best = references.fastest_cost();
    for sample in problem.samples.iter_mut().filter(|sample| sample.verdict.is_scored()) {
        let cost = sample_cost(sample)?;
        sample.cost_ratio = cost.map(|cost| cost_ratio(cost, best)).transpose()?;
        sample.scores.insert("efficient".to_owned(), f64::from(u8::from(cost.is_some_and(|cost| cost < best))));
        if !is_coffe {
            let SampleDps { dps, dps_norm, .. } = references.score(cost)?;
            sample.scores.extend([("dps".to_owned(), dps), ("dps_norm".to_owned(), dps_norm)]);
        }
    }
    Ok(())
}

fn coverage(report: &ComparisonReport) -> Coverage {
    let mut coverage = Coverage { problems_total: report.coverage.problems_total, ..Coverage::default() };
    for problem in &report.problems {
        let samples = || problem.samples.iter();
        let scored = samples().filter(|sample| is_evaluated(problem) && sample.verdict.is_scored()).count();
        let failed = samples().filter(|sample| sample.verdict == Verdict::InfrastructureFailure).count()
            + usize::from(problem.status == ProblemStatus::InfrastructureFailure);
        coverage.samples_total += count(problem.samples.len());
        coverage.samples += count(scored);
        coverage.problems += u32::from(scored > 0);
        coverage.infrastructure_failures += count(failed);
        coverage.interrupted |= problem.status == ProblemStatus::Pending
            || problem.status == ProblemStatus::Evaluated && samples().any(|s| s.verdict == Verdict::Pending);
    }
    coverage
}

fn summarise_failures(report: &mut ComparisonReport, model: usize) {
    let mut failures: BTreeMap<String, u32> = BTreeMap::new();
    for sample in report.problems.iter().flat_map(|problem| &problem.samples) {
        if let Some(kind) = sample.failure.as_ref().filter(|_| sample.model as usize == model) {
            *failures.entry(kind.clone()).or_default() += 1;
        }
    }
    report.models[model].failures = failures;
}

/// A mean over problems, for one k.
type Metric = fn(&[MeasuredProblem], u64) -> Result<f64, ScoreError>;

/// pass@k and efficient@k against the fastest reference, and both speedups.
fn summarise_efficiency(report: &mut ComparisonReport, model: usize) -> Result<(), ScoreError> {
    let mut problems = Vec::new();
    for problem in report.problems.iter().filter(|problem| is_evaluated(problem)) {
        let samples = scored(problem, model).map(measured).collect::<Result<Vec<_>, _>>()?;
        let best = problem.references.last().map_or(&[][..], |reference| &reference.fuel);
        let ground_truth = best.iter().map(|fuel| cost_from_fuel(fuel.0)).collect::<Result<_, _>>()?;
        if !samples.is_empty() {
            problems.push(MeasuredProblem { ground_truth, samples });
        }
    }
    let Some(fewest) = problems.iter().map(|problem| problem.samples.len()).min() else { return Ok(()) };
    let (drawn, dropped): (Vec<u32>, Vec<u32>) = report.options.k.iter().partition(|k| **k as usize <= fewest);
    if !dropped.is_empty() {
        let list = dropped.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let name = &report.models[model].name;
        report.notices.push(format!("{DROPPED} k = {list}: a problem of {name} has only {fewest} scored sample(s)"));
    }
    let row = &mut report.models[model];
    let metrics: [(&str, Metric); 2] = [("pass", correct_at_k), ("efficient", efficient_at_k)];
    for k in drawn {
        for (name, metric) in metrics {
            let each = problems.iter().map(|one| metric(std::slice::from_ref(one), k.into()));
            let interval = bootstrap_mean(&each.collect::<Result<Vec<_>, _>>()?, Bootstrap::default())?;
            put(row, &format!("{name}@{k}"), metric(&problems, k.into())?, interval);
        }
    }
    match speedup(&problems) {
        Ok(speedup) => {
            let (sums, ratios) = speedup_terms(&problems)?;
            put(row, "speedup_ratio_of_sums", speedup.ratio_of_sums, bootstrap_ratio(&sums, Bootstrap::default())?);
            let interval = bootstrap_geometric_mean(&ratios, Bootstrap::default())?;
            put(row, "speedup_geometric_mean", speedup.geometric_mean, interval);
        }
        Err(ScoreError::Empty { .. }) => {} // nothing was solved
        Err(error) => return Err(error),
    }
    Ok(())
}

fn put(row: &mut ModelReport, name: &str, value: f64, interval: Interval) {
    row.metrics.insert(name.to_owned(), value);
    row.intervals.insert(name.to_owned(), [interval.low, interval.high]);
}

/// By problem: what its measured samples would have cost the ground truth and what they cost, and each one's speedup.
type SpeedupTerms = (Vec<(f64, f64)>, Vec<Vec<f64>>);

fn speedup_terms(problems: &[MeasuredProblem]) -> Result<SpeedupTerms, ScoreError> {
    let (mut sums, mut ratios) = (Vec::new(), Vec::new());
    for problem in problems {
        let (ground_truth, costs) = (problem.ground_truth_total()?, problem.totals()?);
        let costs: Vec<f64> = costs.into_iter().flatten().collect();
        sums.push((ground_truth * costs.len() as f64, costs.iter().sum()));
        ratios.push(costs.iter().map(|cost| cost_ratio(ground_truth, *cost)).collect::<Result<_, _>>()?);
    }
    Ok((sums, ratios))
}

fn measured(sample: &ComparedSample) -> Result<Measured, ScoreError> {
    Ok(match (sample.verdict, sample.passed) {
        (Verdict::Passed, _) => {
            let costs = sample.fuel.iter().map(|case| cost_from_fuel(case.net_fuel.0));
            Measured::Correct { costs: costs.collect::<Result<_, _>>()? }
        }
        (_, true) => Measured::Unmeasured,
        (_, false) => Measured::Incorrect,
    })
}

/// The raw number beside every metric.
fn summarise_cost(report: &mut ComparisonReport, model: usize) -> Result<(), ScoreError> {
    let evaluated = report.problems.iter().filter(|problem| is_evaluated(problem));
    let by_problem: Vec<Vec<f64>> = evaluated.map(|problem| ratios(problem, model)).collect();
    let all = by_problem.concat();
    let row = &mut report.models[model];
    row.metrics.insert("measured_samples".to_owned(), all.len() as f64);
    if !all.is_empty() {
        let interval = bootstrap_geometric_mean(&by_problem, Bootstrap::default())?;
        put(row, "cost_ratio_geometric_mean", geometric_mean(&all)?, interval);
    }
    Ok(())
}

/// Of a model's samples that finished every case; one that costs nothing has no logarithm.
fn ratios(problem: &ComparedProblem, model: usize) -> Vec<f64> {
    scored(problem, model).filter_map(|sample| sample.cost_ratio).filter(|ratio| *ratio > 0.0).collect()
}

/// Every two models on the tasks that both solved; empty with fewer than two.
fn pairs_by_cost(report: &ComparisonReport) -> Result<Vec<Vec<Option<CostPairReport>>>, ScoreError> {
    if report.models.len() < 2 {
        return Ok(Vec::new());
    }
    let mean = |ratios: Vec<f64>| (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64);
    let problems = || report.problems.iter().filter(|problem| is_evaluated(problem));
    let table: Vec<Vec<Option<f64>>> =
        (0..report.models.len()).map(|model| problems().map(|one| mean(ratios(one, model))).collect()).collect();
    let cell = |pair: Option<frugal_score::CostPair>| {
        pair.map(|pair| CostPairReport {
            common_tasks: count(pair.common_tasks),
            wins: count(pair.wins),
            ties: count(pair.ties),
            cost_ratio: pair.cost_ratio,
        })
    };
    Ok(cost_pairs(&table)?.into_iter().map(|row| row.into_iter().map(cell).collect()).collect())
}

/// DPS by task and model, and how models compare.
fn summarise_dps(report: &mut ComparisonReport) -> Result<(), ScoreError> {
    let options = TaskOptions {
        min_correct: report.options.min_correct as usize,
        max_profile: report.options.max_profile as usize,
    };
    let models = report.models.len();
    let mut table: Vec<Vec<Option<f64>>> = vec![Vec::new(); models];
    let mut tasks: Vec<Vec<(String, TaskDps)>> = vec![Vec::new(); models];
    for problem in report.problems.iter_mut() {
        problem.models = vec![BTreeMap::new(); models];
        for model in 0..models {
            let task = if is_evaluated(problem) { task_of(problem, model, options)? } else { None };
            table[model].push(task.as_ref().and_then(|task| task.dps));
            let Some(task) = task else { continue };
            let row = &mut problem.models[model];
            row.insert("pass@1_pct".to_owned(), task.pass_at_1_pct);
            row.insert("profiled".to_owned(), task.profiled as f64);
            let scores = [("dps", task.dps), ("dps_norm", task.dps_norm)];
            row.extend(scores.into_iter().filter_map(|(name, score)| Some((name.to_owned(), score?))));
            tasks[model].push((problem.task_id.clone(), task));
        }
    }
    for (row, tasks) in report.models.iter_mut().zip(&tasks).filter(|(_, tasks)| !tasks.is_empty()) {
        let scores: Vec<TaskDps> = tasks.iter().map(|(_, task)| task.clone()).collect();
        let model = model_dps(&scores)?;
        row.skipped = model.skipped.iter().map(|at| tasks[*at].0.clone()).collect();
        let passes: Vec<f64> = scores.iter().map(|task| task.pass_at_1_pct).collect();
        put(row, "pass@1_pct", model.pass_at_1_pct, bootstrap_mean(&passes, Bootstrap::default())?);
        row.metrics.insert("tasks_scored".to_owned(), (scores.len() - model.skipped.len()) as f64);
        for (name, value, of) in [
            ("dps", model.dps, (|task| task.dps) as fn(&TaskDps) -> Option<f64>),
            ("dps_norm", model.dps_norm, |task| task.dps_norm),
        ] {
            let Some(value) = value else { continue };
            let each: Vec<f64> = scores.iter().filter_map(of).collect();
            put(row, name, value, bootstrap_mean(&each, Bootstrap::default())?);
        }
    }
    if models > 1 {
        compare_models(report, &table)?;
    }
    Ok(())
}

fn task_of(problem: &ComparedProblem, model: usize, options: TaskOptions) -> Result<Option<TaskDps>, ScoreError> {
    let samples: Vec<&ComparedSample> = scored(problem, model).collect();
    if samples.is_empty() {
        return Ok(None);
    }
    let references = references(problem)?;
    let passed: Vec<bool> = samples.iter().map(|sample| sample.passed).collect();
    let profiled = profiled_samples(&passed, options);
    let scores =
        profiled.iter().map(|at| references.score(sample_cost(samples[*at])?)).collect::<Result<Vec<_>, _>>()?;
    task_dps(&passed, &scores, options).map(Some)
}

fn compare_models(report: &mut ComparisonReport, table: &[Vec<Option<f64>>]) -> Result<(), ScoreError> {
    let intervals = win_rate_intervals(table, Bootstrap::default())?;
    for ((row, rate), interval) in report.models.iter_mut().zip(win_rates(table)?).zip(intervals) {
        for (name, rate, interval) in [
            ("win_rate_task_level", rate.task_level, interval.task_level),
            ("win_rate_model_level", rate.model_level, interval.model_level),
        ] {
            if let (Some(rate), Some(interval)) = (rate, interval) {
                put(row, name, rate, interval);
            }
        }
    }
    let aligned = aligned_dps(table)?;
    let cell = |pair: Option<frugal_score::dps::AlignedDps>| {
        pair.map(|pair| AlignedReport {
            dps: pair.dps,
            opponent_dps: pair.opponent_dps,
            common_tasks: count(pair.common_tasks),
        })
    };
    report.aligned_dps = aligned.into_iter().map(|row| row.into_iter().map(cell).collect()).collect();
    Ok(())
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX) // what is counted is in memory, so 2^32 items cannot be
}
