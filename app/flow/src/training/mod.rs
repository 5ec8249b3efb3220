//! Training: what a run is asked to do, as data.
//!
//! A [`TrainingRecipe`] names model, data, objective and how the parameters move. It is read from TOML, checked as a whole before
//! anything is trained, and goes into the run's manifest as it was read.

mod architecture;
pub mod cost;
mod recipe;
mod source;
#[cfg(test)]
mod tests;
mod unknown;
pub mod writers;

pub use architecture::{Activation, Architecture, Family};
pub use recipe::{
    Batch, Clip, Evaluation, Objective, Optimizer, RecipeError, Schedule, TokenizerSource, TrainingRecipe,
};
pub use source::{Data, DataSource, Format, Generator, ModelSource, Rollouts};
