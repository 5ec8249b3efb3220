//! How a model learns: plain data in, numbers and checkpoints as bytes out.
//!
//! An objective never sees a logit. It is told what the forward pass says of each predicted token
//! ([`TokenStatistics`]), and answers with the derivative of its loss by each of those numbers ([`objective::RowGradients`]);
//! logits and their gradients stay with the backend, a few rows at a time.

pub mod corpus;
pub mod data;
pub mod divergence;
mod error;
mod mask;
pub mod metrics;
mod network;
pub mod objective;
mod random;
mod real;
pub mod reference;
mod row;
mod safetensors;
mod schedule;
mod statistics;
pub mod tabular;
mod trainer;
pub mod trl;

pub use error::TrainError;
pub use mask::{IGNORED, Mask, RowsError};
pub use network::{Lora, Sizes};
pub use random::Random;
pub use real::Real;
pub use row::{RowGradient, RowStatistics};
pub use schedule::{Decay, Schedule};
pub use statistics::TokenStatistics;
pub use trainer::{Batch, Evaluation, Optimise, Progress, Settings, StepReport, Trainer};
