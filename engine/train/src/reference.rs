//! Log-probabilities of a reference, kept so that its model need not be held, and bound to what they were computed from.
//!
//! Two numbers a pair serve objectives of whole responses alone. Those that read distributions
//! ([`Preference::needs_distributions`](crate::objective::preference::Preference::needs_distributions)) need the model.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::data::Limits;
use crate::objective::preference::Preference;

/// SHA-256.
pub type Hash = [u8; 32];

/// The digest of some bytes.
pub fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// What log-probabilities depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceKey {
    /// Of the data file.
    pub data: Hash,
    /// Of the tokenizer file.
    pub tokenizer: Hash,
    /// Of the reference's weights.
    pub weights: Hash,
    /// Of how examples were cut.
    pub truncation: Hash,
}

/// A part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The data file.
    Data,
    /// The tokenizer file.
    Tokenizer,
    /// The reference's weights.
    Weights,
    /// How examples were cut.
    Truncation,
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Data => "the data file",
            Self::Tokenizer => "the tokenizer",
            Self::Weights => "the reference's weights",
            Self::Truncation => "the limits on lengths",
        })
    }
}

/// Why a cache is not used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CacheError {
    /// Another file.
    #[error("it is no cache of reference log-probabilities")]
    Foreign,
    /// Cut or changed.
    #[error("it is damaged: {0}; compute it again")]
    Damaged(&'static str),
    /// From other inputs.
    #[error("it was computed with another state of {}; compute it again", .0.iter().map(Part::to_string).collect::<Vec<_>>().join(" and of "))]
    Mismatch(Vec<Part>),
    /// For another number of pairs.
    #[error("it holds {found} pairs, the data has {expected}")]
    Pairs {
        /// In the cache.
        found: usize,
        /// In the data.
        expected: usize,
    },
    /// An objective that two numbers a pair do not serve.
    #[error("{0:?} reads the whole distributions of the reference; a cache cannot stand for its model")]
    Objective(Preference),
}

impl ReferenceKey {
    /// From digests of the files and the limits on lengths.
    pub fn new(data: Hash, tokenizer: Hash, weights: Hash, limits: &Limits) -> Self {
        let Limits { tokens_max, prompt_tokens_max, end, vocabulary } = *limits;
        let words = format!("tokens {tokens_max} prompt {prompt_tokens_max:?} end {end} vocabulary {vocabulary}");
        Self { data, tokenizer, weights, truncation: hash(words.as_bytes()) }
    }

    fn parts(&self) -> [(Part, Hash); 4] {
        [
            (Part::Data, self.data),
            (Part::Tokenizer, self.tokenizer),
            (Part::Weights, self.weights),
            (Part::Truncation, self.truncation),
        ]
    }
}

/// ln ref of chosen and rejected responses, pair after pair.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceCache {
    /// What they depend on.
    pub key: ReferenceKey,
    /// Chosen and rejected.
    pub log_probs: Vec<[f32; 2]>,
}

const MAGIC: &[u8] = b"frugal reference log-probabilities 1\n";
const HASH_BYTES: usize = 32;

impl ReferenceCache {
    /// The file: a mark, four digests, eight bytes a pair (little-endian), and the digest of all that.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for (_, hash) in self.key.parts() {
            bytes.extend(hash);
        }
        bytes.extend(self.log_probs.as_flattened().iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(hash(&bytes));
        bytes
    }

    /// Reads a file for a run with this key, so many pairs and this objective.
    ///
    /// # Errors
    /// [`CacheError`] says what does not fit.
    pub fn from_bytes(
        bytes: &[u8],
        key: &ReferenceKey,
        pairs: usize,
        objective: &Preference,
    ) -> Result<Self, CacheError> {
        if objective.needs_distributions() {
            return Err(CacheError::Objective(*objective));
        }
        let body = bytes.strip_prefix(MAGIC).ok_or(CacheError::Foreign)?;
        let end = bytes.len() - HASH_BYTES.min(body.len());
        if body.len() < 5 * HASH_BYTES || hash(&bytes[..end]) != bytes[end..] {
            return Err(CacheError::Damaged("its digest is another one"));
        }
        let (hashes, rest) = body[..body.len() - HASH_BYTES].split_at(4 * HASH_BYTES);
        let parts = key.parts().into_iter().zip(hashes.chunks_exact(HASH_BYTES));
        let wrong: Vec<Part> = parts.filter(|((_, hash), found)| hash != found).map(|((part, _), _)| part).collect();
        if !wrong.is_empty() {
            return Err(CacheError::Mismatch(wrong));
        }
        let (numbers, odd) = rest.as_chunks::<4>();
        let (log_probs, alone) = numbers.as_chunks::<2>();
        if !odd.is_empty() || !alone.is_empty() {
            return Err(CacheError::Damaged("it ends within a pair"));
        }
        let log_probs: Vec<[f32; 2]> = log_probs.iter().map(|pair| pair.map(f32::from_le_bytes)).collect();
        if log_probs.as_flattened().iter().any(|number| !number.is_finite()) {
            return Err(CacheError::Damaged("a number is not finite"));
        }
        if log_probs.len() != pairs {
            return Err(CacheError::Pairs { found: log_probs.len(), expected: pairs });
        }
        Ok(Self { key: *key, log_probs })
    }
}

#[cfg(test)]
mod tests;
