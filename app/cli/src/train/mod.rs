//! A training run's files and what stands in them.

mod events;
mod folder;
mod material;
mod tokenizer;

pub(crate) use folder::{Metrics, RunFolder};
pub(crate) use material::{Material, hexadecimal, material};
