//! A fixed set of points: which solutions are run on which inputs when fuel is held against something else.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::BenchError;

const SCHEMA: &str = "frugal-points-1";

/// Points with the rule that chose them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointSet {
    schema: String,
    /// How they were chosen, for people.
    pub rule: String,
    /// At least one, none twice.
    pub points: Vec<Point>,
}

/// One call of a Python solution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Id of the problem.
    pub problem: String,
    /// Name of the solution.
    pub solution: String,
    /// Size handed to the problem's generator.
    pub size: u32,
    /// Seed of the generator's randomness.
    pub seed: u32,
}

/// Reads a set of points.
///
/// # Errors
/// [`BenchError::Format`] with the line for anything that is not such a set, for an empty one and for a point twice.
pub fn parse_points(bytes: &[u8], file: &str) -> Result<PointSet, BenchError> {
    let set: PointSet = serde_json::from_slice(bytes)
        .map_err(|error| BenchError::format(file, Some(error.line() as u64), error.to_string()))?;
    if set.schema != SCHEMA {
        let message = format!("`schema` is `{}`, but must be `{SCHEMA}`", set.schema);
        return Err(BenchError::format(file, None, message));
    }
    if set.points.is_empty() {
        return Err(BenchError::format(file, None, "`points` is empty"));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = set.points.iter().find(|point| !seen.insert(*point)) {
        let message = format!("`points` has {}/{} at size {} twice", twice.problem, twice.solution, twice.size);
        return Err(BenchError::format(file, None, message));
    }
    Ok(set)
}
