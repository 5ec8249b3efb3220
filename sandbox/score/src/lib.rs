//! Scores from counts and costs: numbers in, numbers out.
//!
//! Nothing here runs code or knows what a cost is: seconds and fuel are both `f64` ([`cost_from_fuel`]
//! converts fuel exactly or refuses). Start at [`SampleScore`].

mod benchmark;
mod bootstrap;
mod correlation;
mod cost_pairs;
mod cost_ratio;
pub mod dps;
mod eff_at_k;
mod efficient_at_k;
mod enamel;
mod error;
mod growth;
mod hodges_lehmann;
mod numbers;
mod pass_at_k;
mod percentile;
mod stability;

pub use benchmark::{BenchmarkScore, Scored, benchmark};
pub use bootstrap::{Bootstrap, Interval, bootstrap, bootstrap_geometric_mean, bootstrap_mean, bootstrap_ratio};
pub use correlation::{average_ranks, log_log_pearson, pearson, spearman};
pub use cost_pairs::{CostPair, cost_pairs};
pub use cost_ratio::{cost_ratio, geometric_mean};
pub use eff_at_k::{eff_at_k, eff_at_k_weights};
pub use efficient_at_k::{Measured, MeasuredProblem, Speedup, correct_at_k, efficient_at_k, speedup};
pub use enamel::{Budget, CaseResult, SampleScore, cost_from_fuel};
pub use error::ScoreError;
pub use growth::{Growth, growth};
pub use hodges_lehmann::hodges_lehmann;
pub use pass_at_k::pass_at_k;
pub use percentile::percentile;
pub use stability::{Spread, relative_standard_deviation, spread, trimmed_spread};
