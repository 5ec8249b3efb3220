//! A training run's files and what stands in them.

mod events;
mod folder;
mod material;
pub(crate) mod rollouts;
mod tokenizer;

pub(crate) use folder::{Metrics, RunFolder};
pub(crate) use material::{Beginning, Material, material};
