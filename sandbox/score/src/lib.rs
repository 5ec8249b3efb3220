//! Scores from counts and costs: numbers in, numbers out.
//!
//! Nothing here runs code or knows what a cost is: seconds and fuel are both `f64` ([`cost_from_fuel`]
//! converts fuel exactly or refuses). Start at [`SampleScore`].

mod benchmark;
mod eff_at_k;
mod enamel;
mod error;
mod hodges_lehmann;
mod pass_at_k;

pub use benchmark::{BenchmarkScore, Scored, benchmark};
pub use eff_at_k::{eff_at_k, eff_at_k_weights};
pub use enamel::{Budget, CaseResult, SampleScore, cost_from_fuel};
pub use error::ScoreError;
pub use hodges_lehmann::hodges_lehmann;
pub use pass_at_k::pass_at_k;
