//! ENAMEL: correctness and efficiency of samples, with fuel as the cost.
//!
//! For each problem: inputs are generated in a trusted instance; the reference runs on them and gives
//! expected answers, its fuel, and from that the samples' limit T = alpha * A; each sample runs case by case
//! in fresh instances; a trusted instance compares. A sample is stopped at T plus a tolerance, as the authors
//! stop it at T plus 10 ms, and earns nothing from T on.
//!
//! What is learnt is a [`Fact`]. A report is a fold over facts, whatever their order.

mod ending;
mod fact;
mod fold;
mod options;
mod problem_run;
mod sample_run;
mod study;

pub(crate) use ending::{Ending, ending};
pub use fact::Fact;
pub use fold::rescore;
pub use options::{EvaluationInput, Options};
pub use study::{Command, Study, StudyError};

#[cfg(test)]
mod tests;
