//! Training: examples as tokens in, steps and checkpoints as bytes out.
//!
//! A [`TrainingSession`] holds a decoder, what it learns from and how. Its owner says when to step, evaluate, sample or keep a
//! checkpoint; time, files and the choice of a device are the owner's.

mod batch;
mod session;
mod start;
#[cfg(test)]
mod tests;

pub use frugal_tensor::Optimiser;
pub use frugal_train::divergence::{Divergence, Order};
pub use frugal_train::objective::preference::Preference;
pub use frugal_train::{Decay, Lora, Optimise, Random, Schedule, Settings, Sizes, TrainError};
pub use frugal_train::{corpus, data};
pub use session::{Learning, Report, Setup, Split, TrainingError, TrainingSession};
pub use start::Start;
