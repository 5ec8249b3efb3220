//! Recipes: work that asks a model, runs what it wrote, and asks again.
//!
//! A recipe is a function of what is known. It is called again whenever something became known, walks from its beginning
//! through all that it has been told, and comes either to its end or to questions and runs that it must have answered
//! first. So it reads like the procedure it is, holds no state of its own, and goes on after an interruption from the
//! recorded answers alone. An edge asks and runs, in any order and as many at once as it likes.

mod desk;
pub mod llm4effi;
mod reply;
pub mod sas;
pub mod stgen;
mod value;

pub use desk::{Answer, Execution, Question, Speaker, Step, Tokens, Turn};

#[cfg(test)]
mod tests;
