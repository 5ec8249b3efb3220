//! Fuel against the clusters that a benchmark published for the same solutions.

use frugal_bench::suite::evalperf::Pool;
use frugal_fuel::{Guest, Limits};
use frugal_report::{
    CLUSTER_AGREEMENT_SCHEMA, ClusterAgreement, ClusterAgreementReport, Distribution, Timing, Unmeasured,
};
use frugal_score::{ScoreError, cost_from_fuel, percentile, spearman};

use super::input::{Candidates, Inputs};
use super::task::choose;
use super::{CurationError, CurationOptions, Run};
use crate::agreement::Source;
use crate::limits_report;

/// A solution with what hardware counters said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedSolution {
    /// Its source. Hostile.
    pub source: String,
    /// Published cluster index, 0 for the slowest and -1 for slower than all; the mean where runs differ.
    pub cluster: f64,
}

/// What became of a task: its correlation, or why there is none, in a sentence.
pub type TaskAgreement = Result<ClusterAgreement, String>;

/// Runs the published solutions of a task on an input of our own curation.
///
/// `pool` gives generators, known inputs and the canonical solution; its own solutions are replaced.
///
/// # Errors
/// [`CurationError`] when the machinery failed.
pub fn cluster_agreement(
    pool: &Pool,
    published: &[PublishedSolution],
    options: &CurationOptions,
    guest: &Guest,
    run: &Run<'_>,
) -> Result<TaskAgreement, CurationError> {
    if published.is_empty() {
        return Ok(Err("the results hold no solution of it".to_owned()));
    }
    if published.iter().all(|one| one.cluster == published[0].cluster) {
        return Ok(Err(format!("its {} distinct solutions all lie in one cluster", published.len())));
    }
    let solutions = published.iter().map(|one| one.source.clone()).collect();
    let pool = Pool { solutions, ..pool.clone() };
    let inputs = Inputs { pool: &pool, options, guest, run };
    let Candidates { candidates, generators, refused } = inputs.candidates()?;
    if candidates.is_empty() {
        let ended =
            generators.iter().map(|one| format!("generator {} {}", one.ended, one.detail).trim_end().to_owned());
        let ends: Vec<String> = ended.chain(refused).collect();
        return Ok(Err(format!("no input: {}", ends.join("; "))));
    }
    let Some((chosen, profile)) = choose(&inputs, &candidates)? else {
        return Ok(Err(format!("on each of {} inputs some solution is too slow", candidates.len())));
    };
    let (mut fuel, mut clusters) = (Vec::new(), Vec::new());
    for (cost, one) in profile.costs.iter().zip(published) {
        if let Some(units) = cost {
            fuel.push(cost_from_fuel(*units)?);
            clusters.push(one.cluster);
        }
    }
    Ok(match spearman(&fuel, &clusters) {
        Ok(spearman) => Ok(ClusterAgreement {
            task_id: pool.task_id.clone(),
            spearman,
            solutions: u32::try_from(fuel.len()).unwrap_or(u32::MAX),
            unprofiled: u32::try_from(profile.unprofiled.len()).unwrap_or(u32::MAX),
            input: chosen.origin.clone(),
        }),
        Err(error) => Err(format!("{} solutions with fuel have no rank correlation: {error}", fuel.len())),
    })
}

/// What a report is made of.
#[derive(Debug, Clone)]
pub struct AgreementInput {
    /// Tasks with a correlation.
    pub tasks: Vec<ClusterAgreement>,
    /// The others.
    pub not_rebuilt: Vec<Unmeasured>,
    /// Limits of each run.
    pub limits: Limits,
    /// Where the fuel comes from.
    pub source: Source,
    /// The edge's clock.
    pub timing: Timing,
}

/// Makes the report.
///
/// # Errors
/// [`ScoreError`] for correlations that are not finite.
pub fn cluster_agreement_report(input: AgreementInput) -> Result<ClusterAgreementReport, ScoreError> {
    let values: Vec<f64> = input.tasks.iter().map(|task| task.spearman).collect();
    Ok(ClusterAgreementReport {
        schema: CLUSTER_AGREEMENT_SCHEMA.to_owned(),
        distribution: if values.is_empty() { None } else { Some(distribution(&values)?) },
        tasks: input.tasks,
        not_rebuilt: input.not_rebuilt,
        limits: limits_report(&input.limits),
        provenance: input.source.provenance("frugal-cluster-agreement-1"),
        timing: input.timing,
    })
}

fn distribution(values: &[f64]) -> Result<Distribution, ScoreError> {
    let at_most =
        |limit: f64| u32::try_from(values.iter().filter(|value| **value <= limit).count()).unwrap_or(u32::MAX);
    Ok(Distribution {
        least: percentile(values, 0.0)?,
        lower_quartile: percentile(values, 25.0)?,
        median: percentile(values, 50.0)?,
        upper_quartile: percentile(values, 75.0)?,
        most: percentile(values, 100.0)?,
        mean: values.iter().sum::<f64>() / values.len() as f64,
        negative: u32::try_from(values.iter().filter(|value| **value < 0.0).count()).unwrap_or(u32::MAX),
        at_most_minus_half: at_most(-0.5),
        at_most_minus_four_fifths: at_most(-0.8),
    })
}
