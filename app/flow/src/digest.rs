//! Content keys: equal keys mean equal results.

use sha2::{Digest as _, Sha256};

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts collide by concatenation.
#[derive(Debug, Clone)]
pub struct Digest(Sha256);

impl Digest {
    /// Starts a key of one purpose, such as `frugal.run/1`.
    pub fn new(purpose: &str) -> Self {
        Self(Sha256::new()).part(purpose.as_bytes())
    }

    /// Adds one part.
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.part(&number.to_le_bytes())
    }

    /// The key, 64 lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
