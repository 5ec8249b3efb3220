//! The smallest policy that tells the methods apart: a bigram whose probabilities depend on the position, with every
//! expectation exact.
//!
//! A response is [`Shape::tokens`] tokens long; the logits of the token at a position depend on the token before, so that
//! reward, entropy and both divergences of whole responses follow by dynamic programming instead of sampling. A run takes
//! well under a second.

mod answers;
mod experiment;
mod policy;
mod study;

pub use answers::{Answers, closed_form};
pub use experiment::{Adam, Evaluation, Problem, Run, RunError, Settings, run};
pub use policy::{Exact, Policy, Shape};
pub use study::{Claim, Plan, Study, Trace, study};

#[cfg(test)]
mod tests;
