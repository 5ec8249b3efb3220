//! Samples held against references by what they cost: COFFE, EvalPerf, and Frugal's own problems.
//!
//! A suite turns each of its tasks into a [`Problem`]. Whoever has a runner hands it in as a [`Run`]: the problem then
//! measures its references once and each distinct sample, one after the other, each call in an instance of its own.
//! Problems do not know of each other, so an edge works on as many at once as it likes. What is learnt is a [`Fact`];
//! the report is a fold over facts.

mod coffe;
mod evalperf;
mod fact;
mod fold;
mod frugal;
mod options;
mod study;
mod work;

pub use coffe::{CoffeLevel, CoffeProblem};
pub use evalperf::EvalPerfProblem;
pub use fact::Fact;
pub use fold::rescore;
pub use frugal::FrugalProblem;
pub use options::{Options, SampleInput, Samples, Suite};
pub use study::{Comparison, ComparisonError, Work};
pub use work::{Called, Measured, Prepared, Problem, Run, Stop};
