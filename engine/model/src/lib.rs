//! Whole networks, and what they are made of, from bytes: weights, configuration, tokenizer, chat template, and the steps
//! that a backend runs.
//!
//! Nothing here opens a file, asks a clock or draws a random number without a seed: an edge fetches bytes, and hands them
//! in as they come. Every reader treats its bytes as hostile: it ends in a typed error that says which file and which
//! part, never in a panic, and it never allocates more than a small multiple of the bytes that it was given.

pub mod config;
pub mod decoder;
pub mod template;
pub mod tokenizer;
pub mod weights;

mod shown;
