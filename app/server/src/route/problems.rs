//! Problem sets that ship with the server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// The shipped problem sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ProblemSets {
    /// By name.
    pub sets: Vec<ProblemSet>,
}

/// Problems that can be named instead of sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ProblemSet {
    /// Its name, for `problem_set`.
    pub name: String,
    /// Which benchmark's format and rules.
    pub suite: &'static str,
    /// In the file's order.
    pub problems: Vec<ProblemEntry>,
}

/// One problem of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ProblemEntry {
    /// Such as `HumanEval/0`.
    pub task_id: String,
    /// The function to write.
    pub entry_point: String,
}

/// The problem sets that `POST /api/evaluations` takes by name.
#[utoipa::path(get, path = "/api/problems", tag = "evaluations", responses((status = 200, description = "By name", body = ProblemSets)))]
pub(crate) async fn problems(State(app): State<Arc<App>>) -> Json<ProblemSets> {
    Json(ProblemSets { sets: app.problem_sets.listings() })
}
