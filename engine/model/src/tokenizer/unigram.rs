use super::TokenizerError;
use super::vocabulary::Vocabulary;
use crate::shown::shown;

const PART: &str = "unigram model";
/// How far below the least likely token an unknown character scores; SentencePiece's constant.
const UNKNOWN_PENALTY: f64 = 10.0;

/// The most likely segmentation under independent tokens (Kudo 2018), by dynamic programming over the bytes of a word.
#[derive(Debug, Clone)]
pub(super) struct Unigram {
    /// Tokens with ids, in byte order, so that a prefix is a range.
    sorted: Vec<(Box<str>, u32)>,
    scores: Vec<f64>,
    unknown: Option<u32>,
    unknown_score: f64,
    byte_ids: Option<Box<[Option<u32>; 256]>>,
}

#[derive(Debug, Clone, Copy)]
struct Best {
    score: f64,
    start: usize,
    /// `None` for an unknown character.
    id: Option<u32>,
}

impl Unigram {
    /// `tokens`: in the order of their ids, with log probabilities.
    pub(super) fn read(
        tokens: Vec<(String, f64)>,
        unknown: Option<usize>,
        byte_fallback: bool,
    ) -> Result<(Self, Vocabulary), TokenizerError> {
        let mut vocabulary = Vocabulary::default();
        let mut scores = Vec::with_capacity(tokens.len());
        let mut least = f64::INFINITY;
        for (id, (token, score)) in tokens.iter().enumerate() {
            if !score.is_finite() {
                return Err(TokenizerError::invalid(PART, format!("`{}` has the score {score}", shown(token))));
            }
            let id = u32::try_from(id).map_err(|_| TokenizerError::invalid(PART, "there are too many tokens"))?;
            vocabulary.insert_scored(token, id);
            scores.push(*score);
            least = least.min(*score);
        }
        let unknown = match unknown {
            Some(id) if id >= tokens.len() => {
                let problem = format!("unk_id is {id}, but there are {} tokens", tokens.len());
                return Err(TokenizerError::invalid(PART, problem));
            }
            id => id.and_then(|id| u32::try_from(id).ok()),
        };
        let mut sorted: Vec<(Box<str>, u32)> = Vec::with_capacity(tokens.len());
        for (token, _) in tokens.into_iter().filter(|(token, _)| !token.is_empty()) {
            if let Some(id) = vocabulary.id(&token) {
                sorted.push((token.into(), id));
            }
        }
        sorted.sort();
        sorted.dedup();
        let byte_ids = byte_fallback.then(|| Box::new(vocabulary.byte_ids()));
        let unknown_score = least - UNKNOWN_PENALTY;
        Ok((Self { sorted, scores, unknown, unknown_score, byte_ids }, vocabulary))
    }

    /// Appends the tokens of one word.
    pub(super) fn encode(&self, word: &str, vocabulary: &Vocabulary, out: &mut Vec<u32>) -> Result<(), TokenizerError> {
        let best = self.best_paths(word)?;
        let mut cuts: Vec<(usize, usize, Option<u32>)> = Vec::new();
        let mut end = word.len();
        while end > 0 {
            // Every reachable end has a path, and the word's end is reachable: each character is a token or unknown.
            let Some(path) = best[end] else { return Err(TokenizerError::NoToken(shown(word))) };
            match cuts.last_mut() {
                // Neighbouring unknown characters are one unknown text.
                Some(last) if path.id.is_none() && last.2.is_none() => last.0 = path.start,
                _ => cuts.push((path.start, end, path.id)),
            }
            end = path.start;
        }
        for (from, to, id) in cuts.into_iter().rev() {
            match id {
                Some(id) => out.push(id),
                None => self.unknown_text(&word[from..to], vocabulary, out)?,
            }
        }
        Ok(())
    }

    fn best_paths(&self, word: &str) -> Result<Vec<Option<Best>>, TokenizerError> {
        let mut best: Vec<Option<Best>> = vec![None; word.len() + 1];
        for (start, character) in word.char_indices() {
            let so_far = best[start].map_or(0.0, |path| path.score);
            let mut offer = |end: usize, score: f64, id: Option<u32>| {
                if best[end].is_none_or(|path| so_far + score > path.score) {
                    best[end] = Some(Best { score: so_far + score, start, id });
                }
            };
            let mut has_character = false;
            self.prefixes(&word.as_bytes()[start..], |length, id| {
                has_character |= length == character.len_utf8();
                // The unknown token's own text counts as unknown, as in the reference.
                offer(start + length, self.scores[id as usize], (Some(id) != self.unknown).then_some(id));
            });
            if !has_character {
                if self.unknown.is_none() {
                    return Err(TokenizerError::NoToken(shown(&character.to_string())));
                }
                offer(start + character.len_utf8(), self.unknown_score, None);
            }
        }
        Ok(best)
    }

    /// Tokens that `bytes` begin with, shortest first.
    fn prefixes(&self, bytes: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut range = &self.sorted[..];
        for (at, &byte) in bytes.iter().enumerate() {
            let key = |token: &(Box<str>, u32)| token.0.as_bytes().get(at).copied();
            let from = range.partition_point(|token| key(token) < Some(byte));
            let to = range.partition_point(|token| key(token) <= Some(byte));
            range = &range[from..to];
            let Some((token, id)) = range.first() else { return };
            if token.len() == at + 1 {
                found(at + 1, *id);
            }
        }
    }

    fn unknown_text(&self, text: &str, vocabulary: &Vocabulary, out: &mut Vec<u32>) -> Result<(), TokenizerError> {
        if let Some(id) = vocabulary.id(text) {
            out.push(id);
            return Ok(());
        }
        if let Some(ids) = &self.byte_ids {
            let bytes: Option<Vec<u32>> = text.bytes().map(|byte| ids[usize::from(byte)]).collect();
            if let Some(bytes) = bytes {
                out.extend(bytes);
                return Ok(());
            }
        }
        out.push(self.unknown.ok_or_else(|| TokenizerError::NoToken(shown(text)))?);
        Ok(())
    }
}
