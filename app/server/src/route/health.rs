//! What this server is and what it can run.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use frugal_flow::limits_report;
use frugal_report::{GuestProvenance, LimitsReport};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// The server in a few facts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    pub status: &'static str,
    /// Version of Frugal.
    pub version: &'static str,
    /// Name of the cost table.
    pub cost_table: &'static str,
    /// Engine and version.
    pub engine: String,
    /// Which meter counts.
    pub meter: &'static str,
    /// What `POST /api/run` takes.
    pub languages: Vec<&'static str>,
    /// Runs under way or waiting.
    pub runs_taken: usize,
    /// Places for runs under way and waiting.
    pub runs_places: usize,
    /// Largest limits a request may ask for.
    pub maxima: LimitsReport,
    /// Largest body of a run, in bytes.
    pub run_body_bytes_max: usize,
    /// Largest body of an evaluation, in bytes.
    pub evaluation_body_bytes_max: usize,
}

/// Guests that can run here.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Guests {
    /// One for each language.
    pub guests: Vec<GuestProvenance>,
}

/// What this server is, and that it answers.
#[utoipa::path(get, path = "/api/health", tag = "server", responses((status = 200, description = "It answers", body = Health)))]
pub(crate) async fn health(State(app): State<Arc<App>>) -> Json<Health> {
    let identity = app.compute.identity();
    let mut languages = vec!["wasm", "wat"];
    languages.extend(app.compute.guests().iter().map(|guest| guest.language.name()));
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        cost_table: identity.cost_table,
        engine: identity.engine,
        meter: identity.meter.name(),
        languages,
        runs_taken: app.pool.taken(),
        runs_places: app.config.jobs + app.config.runs_waiting_max,
        maxima: limits_report(&app.config.maxima),
        run_body_bytes_max: app.config.run_body_bytes_max,
        evaluation_body_bytes_max: app.config.evaluation_body_bytes_max,
    })
}

/// The language guests that can run here. Fuel of two guests is not comparable.
#[utoipa::path(get, path = "/api/guests", tag = "server", responses((status = 200, description = "One guest a language", body = Guests)))]
pub(crate) async fn guests(State(app): State<Arc<App>>) -> Json<Guests> {
    let provenance = |guest: frugal_fuel::Guest| GuestProvenance {
        language: guest.language.name().to_owned(),
        version: guest.version,
        sha256: guest.sha256,
    };
    Json(Guests { guests: app.compute.guests().into_iter().map(provenance).collect() })
}
