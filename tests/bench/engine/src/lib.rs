//! Speed of decoders, natively and in a browser: what `frugal-engine-bench` measures alone, and what `peers` races
//! against other engines.

pub mod contender;
pub mod stream;
