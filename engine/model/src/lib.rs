//! Whole networks: what shape they have, and how their weights come into a backend's memory.
//!
//! Nothing here opens a file, asks a clock or draws a random number without a seed: an edge fetches bytes, and hands them
//! in as they come.

pub mod config;
pub mod decoder;

mod shown;
