use std::collections::HashMap;
use std::sync::Arc;

use super::TokenizerError;
use crate::shown::shown;

/// Tokens and their ids, both ways.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    ids: HashMap<Arc<str>, u32>,
    tokens: HashMap<u32, Arc<str>>,
}

impl Vocabulary {
    /// A token must be new, and so must its id.
    pub(super) fn insert(&mut self, token: String, id: u32) -> Result<(), TokenizerError> {
        let token: Arc<str> = token.into();
        if self.ids.insert(Arc::clone(&token), id).is_some() {
            return Err(TokenizerError::invalid("vocabulary", format!("`{}` stands there twice", shown(&token))));
        }
        if let Some(other) = self.tokens.insert(id, token) {
            return Err(TokenizerError::invalid("vocabulary", format!("`{}` shares its id {id}", shown(&other))));
        }
        Ok(())
    }

    /// The last of equal tokens is the one that is found, as SentencePiece's converters rely on.
    pub(super) fn insert_scored(&mut self, token: &str, id: u32) {
        let token: Arc<str> = token.into();
        self.ids.insert(Arc::clone(&token), id);
        self.tokens.insert(id, token);
    }

    pub(super) fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    pub(super) fn token(&self, id: u32) -> Option<&str> {
        self.tokens.get(&id).map(AsRef::as_ref)
    }

    /// Tokens, equal ones counted once.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Ids of the 256 tokens `<0xNN>`; `None` where one is missing.
    pub(super) fn byte_ids(&self) -> [Option<u32>; 256] {
        let mut ids = [None; 256];
        (0..=255u8).for_each(|byte| ids[usize::from(byte)] = self.id(&format!("<0x{byte:02X}>")));
        ids
    }
}
