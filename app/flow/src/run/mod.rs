//! One run: from what a person wrote to a job, and from its measurement to a report.

mod arguments;
mod plan;
mod profile;
mod report;

pub use plan::{Code, Input, Planned, RequestError, RunRequest, plan};
pub use profile::{attribute, plan_profile, refuse_profile};
pub use report::report;

#[cfg(test)]
mod tests;
