//! Weights from safetensors and GGUF files, as they arrive.
//!
//! A file's first bytes hold a [`Listing`]: which tensor lies where. A [`Stream`] is pushed the bytes of one file in
//! order and hands on each tensor's bytes in [`Piece`]s of whole blocks, so that no file and no tensor is ever held
//! twice; an edge that prefers ranges fetches those of the listing instead. A [`Catalog`] joins the files of a model,
//! under the names that Hugging Face gives its tensors, and [`Tensors`] collects what was delivered.

mod catalog;
mod collect;
mod encoding;
mod error;
pub mod gguf;
mod listing;
mod safetensors;
mod shards;
mod stream;
#[cfg(test)]
pub(crate) use tests::mutation;
#[cfg(test)]
mod tests;

pub use catalog::Catalog;
pub(crate) use catalog::canonical_name;
pub use collect::{Keep, Stored, Tensors};
pub use encoding::Encoding;
pub use error::{TensorProblem, WeightsError};
pub use listing::{Entry, Listing};
pub use shards::ShardIndex;
pub use stream::{Piece, Stream};

/// Bytes of a header above which a file is refused: ten times that of the largest vocabularies in use.
pub const HEADER_BYTES_MAX: u64 = 32 << 20;

/// Which of the two formats a file is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Length of a JSON header, the header, bytes.
    Safetensors,
    /// Binary metadata, a list of tensors, padded bytes.
    Gguf,
}

impl Format {
    /// The format whose first bytes these are; safetensors has no magic number, so it is whatever is not GGUF.
    pub fn of(first_bytes: &[u8]) -> Self {
        if first_bytes.starts_with(gguf::MAGIC) { Self::Gguf } else { Self::Safetensors }
    }
}
