//! Text to token ids and back, as `tokenizer.json` describes it.
//!
//! The parts that causal models use are read: byte-pair and unigram models with their normalisers, splitters and
//! decoders. Anything else is refused by name, so that a tokenizer is either exact or absent. The `tokenizers` crate is
//! not used here because it panics on hostile files, which would end a browser's worker; its own outputs are the
//! vectors that judge this one.

mod added;
mod bpe;
mod byte_level;
mod decoder;
mod encoder;
mod error;
mod file;
mod normalizer;
mod pattern;
mod post;
mod pre_tokenizer;
mod stream;
#[cfg(test)]
mod tests;
mod unigram;
mod vocabulary;

pub use encoder::Tokenizer;
pub use error::TokenizerError;
pub use stream::TextStream;
