//! Turns source text and inputs into jobs for the language guests, and reads their replies.
//!
//! Everything a guest hands back is hostile: replies are parsed here by a parser that bounds depth,
//! loses no digit, and accepts nothing that is not JSON..

mod display;
mod failure;
mod integer;
pub mod javascript;
mod json;
mod key;
mod literal;
mod manifest;
pub mod python;
mod reply;
mod request;
mod tagged;
mod tagged_json;

#[cfg(test)]
mod tests;

pub use failure::GuestFailure;
pub use integer::Integer;
pub use json::JsonError;
pub use key::{ContentKey, job_key, sha256_hex};
pub use literal::{LiteralError, parse_arguments};
pub use manifest::{Artefact, ArtefactKind, Manifest, ManifestError};
pub use reply::{GuestReply, RawReply};
pub use request::RequestError;
pub use tagged::{DEPTH_MAX, Tagged};
