//! A client of OpenAI-compatible chat endpoints.
//!
//! An endpoint may be down, slow or hostile. Every wait here has a bound, retries are few, a reply is read up to a cap,
//! and a [`Stop`] ends a call at once. The key goes into one request header and nowhere else: it cannot be printed, and
//! wherever an endpoint sends it back it is blotted out before anyone sees the text.

mod client;
mod error;
mod key;
mod message;
mod parse;
mod retry;
mod stop;
mod transport;

pub use client::Client;
pub use error::{ChatError, Failed, Wait};
pub use key::{Key, KeyError};
pub use message::{Finish, Message, Reply, Request, Role, Usage};
pub use stop::Stop;
pub use transport::{Endpoint, EndpointError, Timeouts};

#[cfg(test)]
mod tests;
