//! The HTTP service: single runs, evaluations with progress, models, and the built page.
//!
//! [`Server::open`] takes a [`Config`] and whoever computes ([`Compute`]); [`Server::serve`] answers until
//! it is told to stop. Jobs are built by `app/flow` exactly as the command line builds them, so the same
//! request gives the same integer here, there and in the tab.
//!
//! Every bound is part of [`Config`]; what exceeds one is refused with a sentence on how to mend it.

mod cancel;
mod compute;
mod config;
mod error;
mod evaluate;
mod events;
mod guard;
mod json;
mod limits;
mod listen;
mod log;
mod model;
mod page;
mod pool;
mod problem_sets;
mod route;
mod server;
mod signal;
mod time;
mod worker;

pub use cancel::Cancel;
pub use compute::Compute;
pub use config::Config;
pub use error::{ApiError, ErrorBody, ErrorDetail};
pub use log::{LogFormat, start_log};
pub use model::ModelSource;
pub use problem_sets::ProblemSetError;
pub use server::{ServeError, Server};
pub use signal::serve_until_signal;

use server::App;

#[cfg(test)]
mod tests;
