use std::collections::{BTreeSet, HashMap};

use super::TokenizerError;
use super::file::AddedToken;
use super::normalizer::Normalizer;
use super::pattern::Pattern;
use super::vocabulary::Vocabulary;
use crate::shown::shown;

const PART: &str = "list of added tokens";
/// Bytes of an added token; the longest published one has 40.
const TOKEN_BYTES_MAX: usize = 512;

/// Tokens that are cut out of a text before the model sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct AddedTokens {
    /// Looked for in the text as it came.
    raw: Matcher,
    /// Looked for in the normalised text.
    normalized: Matcher,
    by_id: HashMap<u32, Flags>,
    tokens: HashMap<u32, String>,
    special: BTreeSet<u32>,
    word: Option<Pattern>,
}

#[derive(Debug, Clone, Copy)]
struct Flags {
    single_word: bool,
    left: bool,
    right: bool,
}

/// A part of a text: an added token, or text for the model.
pub(super) type Cut<'a> = (Option<u32>, &'a str);

impl AddedTokens {
    /// Ids are those of the model's vocabulary where it has the token, and otherwise the file's.
    pub(super) fn read(
        list: Vec<AddedToken>,
        vocabulary: &Vocabulary,
        normalizer: &Normalizer,
    ) -> Result<Self, TokenizerError> {
        let mut added = Self::default();
        if list.iter().any(|token| token.single_word) {
            added.word = Some(Pattern::regex(PART, r"\w")?);
        }
        for token in list.into_iter().filter(|token| !token.content.is_empty()) {
            let fault = |problem: &str| TokenizerError::invalid(PART, format!("`{}` {problem}", shown(&token.content)));
            if token.content.len() > TOKEN_BYTES_MAX {
                return Err(fault("is too long"));
            }
            let id = vocabulary.id(&token.content).unwrap_or(token.id);
            if vocabulary.token(id).is_some_and(|other| other != token.content) {
                return Err(fault("has the id of another token"));
            }
            if added.tokens.insert(id, token.content.clone()).is_some() {
                return Err(fault("has the id of another token, or stands there twice"));
            }
            let looked_for = if token.normalized { normalizer.apply(&token.content)? } else { token.content.clone() };
            if looked_for.is_empty() {
                return Err(fault("is empty once it is normalised"));
            }
            let matcher = if token.normalized { &mut added.normalized } else { &mut added.raw };
            if !matcher.insert(looked_for, id) {
                return Err(fault("stands there twice"));
            }
            added.by_id.insert(id, Flags { single_word: token.single_word, left: token.lstrip, right: token.rstrip });
            if token.special {
                added.special.insert(id);
            }
        }
        Ok(added)
    }

    pub(super) fn token(&self, id: u32) -> Option<&str> {
        self.tokens.get(&id).map(String::as_str)
    }

    pub(super) fn id(&self, token: &str) -> Option<u32> {
        self.tokens.iter().find(|(_, other)| *other == token).map(|(id, _)| *id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.tokens.keys().copied()
    }

    pub(super) fn is_special(&self, id: u32) -> bool {
        self.special.contains(&id)
    }

    /// Cuts out the tokens that are looked for before normalisation.
    pub(super) fn cut_raw<'a>(&self, text: &'a str) -> Result<Vec<Cut<'a>>, TokenizerError> {
        self.cut(&self.raw, text)
    }

    /// Cuts out the tokens that are looked for after it.
    pub(super) fn cut_normalized<'a>(&self, text: &'a str) -> Result<Vec<Cut<'a>>, TokenizerError> {
        self.cut(&self.normalized, text)
    }

    fn cut<'a>(&self, matcher: &Matcher, text: &'a str) -> Result<Vec<Cut<'a>>, TokenizerError> {
        let mut cuts = Vec::new();
        let mut done = 0;
        let mut at = 0;
        while let Some((start, end, id)) = matcher.find(text, at) {
            at = end;
            let flags = self.by_id[&id];
            if flags.single_word && self.touches_word(text, start, end)? {
                continue;
            }
            let (mut from, mut to) = (start, end);
            if flags.left {
                from = text[..from].trim_end().len().max(done);
            }
            if flags.right {
                to = text.len() - text[to..].trim_start().len();
            }
            if from > done {
                cuts.push((None, &text[done..from]));
            }
            cuts.push((Some(id), &text[from..to]));
            done = to;
        }
        if done < text.len() {
            cuts.push((None, &text[done..]));
        }
        Ok(cuts)
    }

    fn touches_word(&self, text: &str, start: usize, end: usize) -> Result<bool, TokenizerError> {
        let is_word = |c: Option<char>| match (&self.word, c) {
            (Some(pattern), Some(c)) => Ok(!pattern.matches(c.encode_utf8(&mut [0; 4]))?.is_empty()),
            _ => Ok(false),
        };
        Ok(is_word(text[..start].chars().next_back())? || is_word(text[end..].chars().next())?)
    }
}

/// Finds the leftmost of many texts, the longest where several begin there.
#[derive(Debug, Clone, Default)]
struct Matcher {
    ids: HashMap<String, u32>,
    lengths: BTreeSet<usize>,
    first_bytes: BTreeSet<u8>,
}

impl Matcher {
    /// `false` where the text is there already.
    fn insert(&mut self, text: String, id: u32) -> bool {
        self.lengths.insert(text.len());
        self.first_bytes.extend(text.as_bytes().first());
        self.ids.insert(text, id).is_none()
    }

    fn find(&self, text: &str, from: usize) -> Option<(usize, usize, u32)> {
        if self.ids.is_empty() {
            return None;
        }
        (from..text.len()).filter(|&start| self.first_bytes.contains(&text.as_bytes()[start])).find_map(|start| {
            self.lengths.iter().rev().find_map(|length| {
                let found = text.get(start..start + length)?;
                Some((start, start + length, *self.ids.get(found)?))
            })
        })
    }
}
