use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::TokenizerError;
use super::file::Model;
use super::vocabulary::Vocabulary;
use crate::shown::shown;

const PART: &str = "byte-pair model";

/// Byte-pair encoding: a word begins as characters, and the pair of lowest rank becomes one token until none is left
/// (Sennrich et al. 2016). Heap and links make a word of `n` characters cost `n log n`.
#[derive(Debug, Clone)]
pub(super) struct Bpe {
    /// Rank and result of each pair.
    merges: HashMap<(u32, u32), (u32, u32)>,
    unknown: Option<u32>,
    fuse_unknown: bool,
    byte_ids: Option<Box<[Option<u32>; 256]>>,
    ignore_merges: bool,
    prefix: String,
    suffix: String,
}

#[derive(Debug, Clone, Copy)]
struct Symbol {
    id: u32,
    before: Option<usize>,
    after: Option<usize>,
    is_alive: bool,
}

impl Bpe {
    pub(super) fn read(model: &Model, vocabulary: &Vocabulary) -> Result<Self, TokenizerError> {
        if model.dropout.is_some_and(|dropout| dropout != 0.0) {
            return Err(TokenizerError::unsupported("model", "BPE with dropout"));
        }
        let prefix = model.continuing_subword_prefix.clone().unwrap_or_default();
        let suffix = model.end_of_word_suffix.clone().unwrap_or_default();
        let mut merges = HashMap::with_capacity(model.merges.len());
        for (rank, merge) in model.merges.iter().enumerate() {
            let fault = |problem: String| TokenizerError::invalid(PART, format!("merge {rank}: {problem}"));
            let (left, right) = merge.halves().ok_or_else(|| fault("it is not two tokens".into()))?;
            let id = |token: &str| {
                vocabulary.id(token).ok_or_else(|| fault(format!("`{}` is not in the vocabulary", shown(token))))
            };
            let tail = right.strip_prefix(prefix.as_str()).unwrap_or(right);
            let rank = u32::try_from(rank).map_err(|_| fault("there are too many".into()))?;
            merges.insert((id(left)?, id(right)?), (rank, id(&format!("{left}{tail}"))?));
        }
        let unknown = match &model.unk_token {
            None => None,
            Some(token) => Some(vocabulary.id(token).ok_or_else(|| {
                TokenizerError::invalid(
                    PART,
                    format!("`{}`, its unknown token, is not in the vocabulary", shown(token)),
                )
            })?),
        };
        Ok(Self {
            merges,
            unknown,
            fuse_unknown: model.fuse_unk,
            byte_ids: model.byte_fallback.then(|| Box::new(vocabulary.byte_ids())),
            ignore_merges: model.ignore_merges,
            prefix,
            suffix,
        })
    }

    /// Appends the tokens of one word.
    pub(super) fn encode(&self, word: &str, vocabulary: &Vocabulary, out: &mut Vec<u32>) -> Result<(), TokenizerError> {
        if self.ignore_merges
            && let Some(id) = vocabulary.id(word)
        {
            out.push(id);
            return Ok(());
        }
        let mut symbols = self.symbols(word, vocabulary)?;
        self.merge(&mut symbols);
        out.extend(symbols.iter().filter(|symbol| symbol.is_alive).map(|symbol| symbol.id));
        Ok(())
    }

    /// The word's characters as tokens; without one, its bytes, or the unknown token, or nothing, as the file says.
    fn symbols(&self, word: &str, vocabulary: &Vocabulary) -> Result<Vec<Symbol>, TokenizerError> {
        let mut ids: Vec<u32> = Vec::with_capacity(word.len());
        let mut pending = None;
        let mut with_affixes = String::new();
        for (at, character) in word.char_indices() {
            let end = at + character.len_utf8();
            let is_last = end == word.len();
            let mut token = &word[at..end];
            if at > 0 && !self.prefix.is_empty() || is_last && !self.suffix.is_empty() {
                with_affixes.clear();
                with_affixes.push_str(if at > 0 { &self.prefix } else { "" });
                with_affixes.push_str(token);
                with_affixes.push_str(if is_last { &self.suffix } else { "" });
                token = &with_affixes;
            }
            if let Some(id) = vocabulary.id(token) {
                ids.extend(pending.take());
                ids.push(id);
                continue;
            }
            if let Some(bytes) = self.bytes(token) {
                // An unknown token before stays pending, as in the reference.
                ids.extend(bytes);
                continue;
            }
            if self.unknown.is_some() {
                if !self.fuse_unknown {
                    ids.extend(pending);
                }
                pending = self.unknown;
            }
        }
        ids.extend(pending);
        let last = ids.len().wrapping_sub(1);
        let link = |(at, id): (usize, u32)| Symbol {
            id,
            before: at.checked_sub(1),
            after: (at != last).then_some(at + 1),
            is_alive: true,
        };
        Ok(ids.into_iter().enumerate().map(link).collect())
    }

    fn bytes(&self, token: &str) -> Option<Vec<u32>> {
        let ids = self.byte_ids.as_ref()?;
        token.bytes().map(|byte| ids[usize::from(byte)]).collect()
    }

    fn merge(&self, symbols: &mut [Symbol]) {
        let rank_of = |symbols: &[Symbol], left: usize| {
            let right = symbols[left].after?;
            let (rank, _) = self.merges.get(&(symbols[left].id, symbols[right].id))?;
            Some(Reverse((*rank, left)))
        };
        let mut queue: BinaryHeap<_> = (0..symbols.len()).filter_map(|left| rank_of(symbols, left)).collect();
        while let Some(Reverse((rank, left))) = queue.pop() {
            let Some(right) = symbols[left].after.filter(|_| symbols[left].is_alive) else { continue };
            // A pair that has changed since it was queued has another rank, or none.
            let Some(&(now, merged)) = self.merges.get(&(symbols[left].id, symbols[right].id)) else { continue };
            if now != rank {
                continue;
            }
            symbols[left].id = merged;
            symbols[left].after = symbols[right].after;
            symbols[right].is_alive = false;
            if let Some(next) = symbols[left].after {
                symbols[next].before = Some(left);
            }
            queue.extend(symbols[left].before.and_then(|before| rank_of(symbols, before)));
            queue.extend(rank_of(symbols, left));
        }
    }
}
