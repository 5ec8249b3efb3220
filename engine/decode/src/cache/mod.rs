//! Keys and values of past tokens. Each policy is a file.

mod full;

pub use full::FullCache;
