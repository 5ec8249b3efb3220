//! The only door of the engine: requests in, events out.
//!
//! A [`Session`] is handed a backend and a model, queues requests, runs as many at once as the model has slots, and
//! says what happened to each. It does not wait, sleep or look at a clock: its owner polls it, and hands the time in.
//! What learns instead of answering stands in [`training`].

mod codec;
mod error;
mod event;
mod opening;
mod running;
mod session;
#[cfg(test)]
mod tests;
pub mod training;

pub use codec::{Codec, TextParts, TokenizerCodec};
pub use error::SessionError;
pub use event::{Event, FinishReason, Prompt, Request, RequestId};
pub use frugal_decode::{Limits, Sampling, SamplingError, Timeline, TokenLogprob};
pub use frugal_model::config::Config;
pub use frugal_model::decoder::{MatrixOrder, Precision, WeightType};
pub use frugal_model::template::Date;
pub use frugal_tensor::quant::Scheme;
pub use frugal_tensor::{BackendError, DType, MemoryUse};
pub use opening::{ModelFiles, OpenError, OpenOptions, Opening};
pub use session::Session;
