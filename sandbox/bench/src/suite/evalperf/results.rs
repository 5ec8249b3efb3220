//! Brief result files, as the EvalPlus project publishes them.

use serde::{Deserialize, Deserializer};

use crate::BenchError;
use crate::json::{Entries, parse, shortened};

/// One model's results. Scores and percentages lie in [0, 100].
#[derive(Debug, Clone, PartialEq)]
pub struct BriefResults {
    /// When it was run.
    pub date: String,
    /// How it was run.
    pub config: Config,
    /// Means over tasks.
    pub summary: Summary,
    /// Task ids and results, in file order.
    pub tasks: Vec<(String, BriefTask)>,
}

/// How a model was evaluated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Config {
    /// Samples of each task.
    pub n_samples: u32,
    /// Sampling temperature, dimensionless.
    pub temperature: f64,
    /// A task with fewer passing samples has no DPS.
    pub min_correct: u32,
    /// At most so many passing samples were profiled.
    pub max_profile: u32,
}

/// Means over tasks, as published.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Summary {
    /// Over the tasks that have one.
    pub dps: f64,
    /// Likewise.
    pub dps_norm: f64,
    /// Over all tasks, in percent.
    #[serde(rename = "pass@1")]
    pub pass_at_1_pct: f64,
}

/// One task of one model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BriefTask {
    /// `None` with fewer than `min_correct` passing samples.
    #[serde(deserialize_with = "Option::deserialize")]
    pub dps: Option<f64>,
    /// Likewise.
    #[serde(deserialize_with = "Option::deserialize")]
    pub dps_norm: Option<f64>,
    /// In percent.
    #[serde(rename = "pass@1")]
    pub pass_at_1_pct: f64,
    /// The samples that were profiled.
    pub profiled: Vec<Profiled>,
}

/// One profiled sample.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Profiled {
    /// Its source. Written by a model: hostile.
    pub solution: String,
    /// The cluster that its cost fell into, 0 for the slowest; `None` (-1 in the file) when slower than all.
    #[serde(rename = "matching_cluster_idx", deserialize_with = "cluster")]
    pub cluster: Option<u32>,
}

#[derive(Deserialize)]
struct File {
    date: String,
    config: Config,
    summary: Summary,
    eval: Entries<BriefTask>,
}

fn cluster<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let index = i64::deserialize(deserializer)?;
    if index == -1 {
        return Ok(None);
    }
    u32::try_from(index).map(Some).map_err(|_| serde::de::Error::custom(format!("{index} is no cluster index")))
}

/// Reads a `*_evalperf_results.brief.json`.
///
/// # Errors
/// [`BenchError::Format`] with line and field.
pub fn parse_brief_results(bytes: &[u8], file: &str) -> Result<BriefResults, BenchError> {
    let File { date, config, summary, eval } = parse(bytes, file)?;
    if eval.0.is_empty() {
        return Err(BenchError::format(file, None, "`eval` holds no tasks"));
    }
    let is_score = |score: f64| (0.0..=100.0).contains(&score);
    for (id, task) in &eval.0 {
        let scores = [("dps", task.dps), ("dps_norm", task.dps_norm), ("pass@1", Some(task.pass_at_1_pct))];
        if let Some((name, Some(score))) = scores.iter().find(|(_, score)| score.is_some_and(|score| !is_score(score)))
        {
            let message = format!("`eval.{}.{name}` is {score}, but must lie between 0 and 100", shortened(id));
            return Err(BenchError::format(file, None, message));
        }
        if task.dps.is_some() != task.dps_norm.is_some() {
            let message =
                format!("`eval.{}` has one of `dps` and `dps_norm`, but needs both or neither", shortened(id));
            return Err(BenchError::format(file, None, message));
        }
    }
    Ok(BriefResults { date, config, summary, tasks: eval.0 })
}
