//! ENAMEL (Qiu et al., ICLR 2025, arXiv 2406.06647): 164 problems with expert references, of which 142
//! are evaluated.

mod jobs;
mod problems;

pub use super::trusted::CaseVerdict;
pub use jobs::{Seeding, call_source};
pub use problems::{Problem, Subset, parse_problems, select};

#[cfg(test)]
mod tests;
