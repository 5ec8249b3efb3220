//! Tokens one after the other: a [`Generator`] runs several sequences over one cache, and says when each token came.
//!
//! Time and randomness are arguments: the caller hands in the clock's reading and a seed. Given the same model, backend
//! and seed, the tokens are the same.

pub mod cache;
mod generator;
mod sampling;
mod stop;
mod timeline;

pub use generator::{Finish, GenerateError, Generator, Limits, SequenceEvent, SequenceId, SequenceRequest};
pub use sampling::{Sampler, Sampling, SamplingError, SplitMix64, TokenLogprob, top_logprobs};
pub use stop::StopStrings;
pub use timeline::{Clock, Timeline};
