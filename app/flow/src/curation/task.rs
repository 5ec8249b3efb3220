//! Input choice, filters, segmentation, references.

use std::collections::HashMap;

use frugal_bench::suite::evalperf::{Arguments, Pool};
use frugal_fuel::{Guest, RunnerIdentity};
use frugal_report::{CURATION_SCHEMA, CuratedTask, CurationReport, FuelUnits, NamedRejection, ReferenceReport, Timing};
use frugal_score::cost_from_fuel;
use frugal_score::dps::{Rejection, clusters, filter_task};

use super::input::{Candidate, Candidates, Cost, Inputs};
use super::{CurationError, CurationOptions, Run};
use crate::agreement::Source;
use crate::limits_report;

/// What became of a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Curated {
    /// For the report.
    pub report: CuratedTask,
    /// The line of a task file; `None` for a rejected pool.
    pub task_line: Option<String>,
}

/// Every solution's fuel on one input.
pub(super) struct Profile {
    pub(super) costs: Vec<Option<u64>>,
    pub(super) unprofiled: Vec<String>,
}

/// Makes a task of a pool, or says why it is none.
///
/// # Errors
/// [`CurationError`] when the machinery failed, so that nothing is known about the pool.
pub fn curate(pool: &Pool, options: &CurationOptions, guest: &Guest, run: &Run<'_>) -> Result<Curated, CurationError> {
    let inputs = Inputs { pool, options, guest, run };
    let Candidates { candidates, generators, refused } = inputs.candidates()?;
    let mut report = CuratedTask { task_id: pool.task_id.clone(), generators, ..CuratedTask::default() };
    let rejected = |mut report: CuratedTask, name: &str, detail: String| {
        report.rejection = Some(NamedRejection { name: name.to_owned(), detail });
        Ok(Curated { report, task_line: None })
    };
    if candidates.is_empty() {
        let why = if refused.is_empty() { String::new() } else { format!(": {}", refused.join("; ")) };
        return rejected(report, "no_input", format!("no generator and no known input gave one that is allowed{why}"));
    }
    let Some((chosen, profile)) = choose(&inputs, &candidates)? else {
        return rejected(report, "too_slow", format!("on each of {} inputs some solution is", candidates.len()));
    };
    report.input = Some(chosen.origin.clone());
    report.input_bytes = Some(chosen.arguments.tagged_json.len() as u64);
    report.solutions = profile.costs.iter().map(|cost| cost.map(FuelUnits)).collect();
    report.unprofiled = profile.unprofiled;

    let mut profiles = Vec::with_capacity(profile.costs.len());
    for cost in &profile.costs {
        profiles.push(cost.map(cost_from_fuel).transpose()?.map(|cost| vec![cost]));
    }
    let decision = filter_task(&profiles, options.filter)?;
    let costs: Vec<f64> = profiles.iter().flatten().flatten().copied().collect();
    if !matches!(decision, Some(Rejection::Size { .. })) {
        let found = clusters(&costs, options.filter.base, options.filter.noise_weight)?.len();
        report.clusters = u32::try_from(found).ok();
    }
    if let Some(rejection) = decision {
        return rejected(report, rejection.name(), said(&rejection));
    }
    finish(pool, options, report, &chosen.arguments, &costs)
}

/// Cuts clusters by the base of building, and writes the task.
fn finish(
    pool: &Pool,
    options: &CurationOptions,
    mut report: CuratedTask,
    arguments: &Arguments,
    costs: &[f64],
) -> Result<Curated, CurationError> {
    let built = clusters(costs, options.build_base, options.filter.noise_weight)?;
    let (mut sources, mut scores) = (Vec::new(), Vec::new());
    for cluster in &built {
        let slowest = cluster.members[0];
        sources.push(pool.solutions[slowest].as_str());
        scores.push(cluster.cumulative_score);
        report.references.push(ReferenceReport {
            solution: u32::try_from(slowest).unwrap_or(u32::MAX),
            net_fuel: report.solutions[slowest].unwrap_or_default(),
            score: cluster.cumulative_score,
            members: u32::try_from(cluster.members.len()).unwrap_or(u32::MAX),
        });
    }
    match pool.task_line(arguments, &sources, &scores) {
        Ok(line) => Ok(Curated { report, task_line: Some(line) }),
        Err(detail) => {
            report.references.clear();
            report.rejection = Some(NamedRejection { name: "not_json".to_owned(), detail });
            Ok(Curated { report, task_line: None })
        }
    }
}

/// The costliest input on which no solution is too slow, with every solution's fuel.
pub(super) fn choose<'a>(
    inputs: &Inputs<'_>,
    candidates: &'a [Candidate],
) -> Result<Option<(&'a Candidate, Profile)>, CurationError> {
    for candidate in candidates {
        if let Some(profile) = profile(inputs, candidate)? {
            return Ok(Some((candidate, profile)));
        }
    }
    Ok(None)
}

/// `None` as soon as one solution is too slow. Equal sources cost the same and run once.
fn profile(inputs: &Inputs<'_>, candidate: &Candidate) -> Result<Option<Profile>, CurationError> {
    let mut known: HashMap<&str, Option<u64>> = HashMap::new();
    let mut profile = Profile { costs: Vec::new(), unprofiled: Vec::new() };
    for (index, source) in inputs.pool.solutions.iter().enumerate() {
        if let Some(cost) = known.get(source.as_str()) {
            profile.costs.push(*cost);
            continue;
        }
        let cost = match inputs.cost(source, &candidate.arguments)? {
            Cost::Fuel(units) => Some(units),
            Cost::TooSlow => return Ok(None),
            Cost::Failed(name) => {
                profile.unprofiled.push(format!("{index}: {name}"));
                None
            }
        };
        known.insert(source, cost);
        profile.costs.push(cost);
    }
    Ok(Some(profile))
}

fn said(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Size { solutions, unprofiled } => {
            format!("{solutions} solutions, {unprofiled} of them without fuel")
        }
        Rejection::Compute { least_mean } => format!("the cheapest solution costs {least_mean:.0} units"),
        Rejection::Variation { variation_pct } => format!("repeats vary by {variation_pct:.2} %"),
        Rejection::Diversity { clusters } => format!("{clusters} clusters of like cost"),
    }
}

/// The report over all pools.
pub fn curation_report(
    tasks: Vec<CuratedTask>,
    options: &CurationOptions,
    source: (&RunnerIdentity, &Guest, &str),
    timing: Timing,
) -> CurationReport {
    let (identity, guest, content_sha256) = source;
    let source = Source { identity: identity.clone(), guest: guest.clone(), content_sha256: content_sha256.to_owned() };
    CurationReport {
        schema: CURATION_SCHEMA.to_owned(),
        tasks,
        limits: limits_report(&options.limits),
        provenance: source.provenance("frugal-curation-1"),
        timing,
    }
}
