//! Golden numbers made with the peers' own code, checked against ours.
//!
//! A file is known by its name: [`CHECKS`] maps names to checks, so a new suite is one more line there.

mod alignment;
mod coffe;
mod comparison;
mod enamel;
mod engine;
mod evalperf;
mod json;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use comparison::{BadVector, Comparison};
pub use engine::use_adapters;

/// Turns a vector file into comparisons.
type Check = fn(&Value) -> Result<Vec<Comparison>, BadVector>;

/// File names without `.json`, and what checks them.
const CHECKS: &[(&str, Check)] = &[
    ("pass_at_k", enamel::pass_at_k),
    ("enamel_eff_at_k", enamel::eff_at_k),
    ("enamel_hodges_lehmann", enamel::hodges_lehmann),
    ("enamel_sample_score", enamel::sample_score),
    ("enamel_dataset", enamel::dataset),
    ("enamel_real_run_humanevalplus", enamel::dataset),
    ("coffe_metrics", coffe::metrics),
    ("coffe_stability", coffe::stability),
    ("evalperf_clusters", evalperf::clusters),
    ("evalperf_dps", evalperf::dps),
    ("evalperf_published_table", evalperf::published_table),
    ("evalperf_task_filter", evalperf::task_filter),
    ("attention_gqa", engine::attention),
    ("quant", engine::quant),
    ("fdpo", alignment::f_dpo),
    ("tdpo", alignment::tdpo),
    ("grpo", alignment::grpo),
    ("kl_estimators", alignment::kl_estimators),
    ("kdrl", alignment::kdrl),
    ("gkd", alignment::gkd),
    ("ppo", alignment::ppo),
    ("metrics", alignment::metrics),
];

/// Folders below a vectors folder that hold problems and samples, which `tests/it` evaluates whole.
const DATA_FOLDERS: [&str; 3] = ["coffe-small", "enamel-small", "evalperf-small"];

/// What became of one file.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Every number agrees.
    Passed {
        /// Numbers compared.
        numbers: usize,
    },
    /// At least one does not.
    Failed {
        /// One sentence each.
        reasons: Vec<String>,
    },
    /// No check of that name yet.
    Unknown,
}

impl Verdict {
    /// The line or lines printed for `path`.
    pub fn line(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Passed { numbers } => format!("passed   {path} ({numbers} numbers)"),
            Self::Failed { reasons } => {
                let shown: String = reasons.iter().take(8).map(|reason| format!("\n         {reason}")).collect();
                format!("failed   {path} ({} of its numbers){shown}", reasons.len())
            }
            Self::Unknown => format!("unknown  {path}"),
        }
    }
}

/// Checks every `*.json` below `folder`, in order of path.
///
/// # Errors
/// [`BadVector`] when the folder cannot be read or holds no such file.
pub fn check_folder(folder: &Path) -> Result<Vec<(PathBuf, Verdict)>, BadVector> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    if paths.is_empty() {
        return Err(BadVector(format!("{}: no *.json files", folder.display())));
    }
    paths.sort();
    let mut results = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| BadVector(format!("{}: {error}", path.display())))?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let verdict = check_text(&name, &text);
        results.push((path, verdict));
    }
    Ok(results)
}

/// Checks one file's text by the check called `name`.
pub fn check_text(name: &str, text: &str) -> Verdict {
    let Some((_, check)) = CHECKS.iter().find(|(known, _)| *known == name) else { return Verdict::Unknown };
    let failed = |reason: String| Verdict::Failed { reasons: vec![reason] };
    let vector: Value = match serde_json::from_str(text) {
        Ok(vector) => vector,
        Err(error) => return failed(format!("not JSON: {error}")),
    };
    let tolerance = vector["tol"].as_f64().filter(|tolerance| *tolerance >= 0.0);
    let comparisons = match check(&vector) {
        Ok(comparisons) if comparisons.is_empty() => return failed("it compares nothing".to_owned()),
        Ok(comparisons) => comparisons,
        Err(error) => return failed(error.to_string()),
    };
    if tolerance.is_none() && comparisons.iter().any(|pair| pair.tolerance.is_none()) {
        return failed("`tol` is missing".to_owned());
    }
    let reasons: Vec<String> =
        comparisons.iter().filter_map(|pair| pair.difference(pair.tolerance.or(tolerance)?)).collect();
    if reasons.is_empty() { Verdict::Passed { numbers: comparisons.len() } } else { Verdict::Failed { reasons } }
}

impl From<frugal_score::ScoreError> for BadVector {
    fn from(error: frugal_score::ScoreError) -> Self {
        Self(error.to_string())
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), BadVector> {
    let failed = |error: std::io::Error| BadVector(format!("{}: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() && DATA_FOLDERS.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
