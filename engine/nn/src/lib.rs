//! Layers: each holds where its parameters live, and records its operators into a plan.
//!
//! A layer allocates nothing and computes nothing. It is handed the tensors that it reads and writes, so that whoever
//! plans a network decides what memory is used twice. Numbers that are the same for every input (rotary and sinusoidal
//! tables) are computed here once, in f64.

pub mod attention;
mod ffn;
mod linear;
mod norm;
pub mod position;
pub mod rope;

pub use ffn::Ffn;
pub use linear::Linear;
pub use norm::Norm;
