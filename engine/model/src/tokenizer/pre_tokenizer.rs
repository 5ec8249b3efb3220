use serde::Deserialize;
use serde_json::value::RawValue;

use super::TokenizerError;
use super::byte_level;
use super::file::{PatternFile, part, steps};
use super::pattern::Pattern;
use crate::shown::shown;

const PART: &str = "pre-tokenizer";
/// GPT-2's split into words, as OpenAI published it.
const GPT2_PATTERN: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// A part of a text, and whether it begins where the text begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) is_first: bool,
}

/// What becomes of the matches of a splitter.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
enum Behavior {
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// When a word mark is put before a part.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PrependScheme {
    First,
    Never,
    Always,
}

#[derive(Debug, Clone)]
enum Step {
    ByteLevel { prefix_space: bool, pattern: Option<Pattern>, characters: Box<[char; 256]> },
    Metaspace { mark: char, scheme: PrependScheme, split: bool },
    Split { pattern: Pattern, behavior: Behavior, invert: bool },
    Digits { individual: bool },
    Whitespace(Pattern),
    WhitespaceSplit,
}

/// Splits a normalised text into words that the model never joins.
#[derive(Debug, Clone, Default)]
pub(super) struct PreTokenizer(Vec<Step>);

#[derive(Deserialize)]
struct ByteLevelFile {
    add_prefix_space: bool,
    #[serde(default = "yes")]
    use_regex: bool,
}

#[derive(Deserialize)]
pub(super) struct MetaspaceFile {
    replacement: char,
    add_prefix_space: Option<bool>,
    prepend_scheme: Option<PrependScheme>,
    split: Option<bool>,
}

#[derive(Deserialize)]
struct SplitFile {
    pattern: PatternFile,
    behavior: Behavior,
    #[serde(default)]
    invert: bool,
}

#[derive(Deserialize)]
struct DigitsFile {
    #[serde(default)]
    individual_digits: bool,
}

fn yes() -> bool {
    true
}

impl MetaspaceFile {
    /// Mark, scheme and whether to split. Older files say `add_prefix_space` alone.
    pub(super) fn settings(self, name: &'static str) -> Result<(char, PrependScheme, bool), TokenizerError> {
        let scheme = self.prepend_scheme.unwrap_or(PrependScheme::Always);
        let scheme = match self.add_prefix_space {
            Some(false) if self.prepend_scheme.is_some_and(|scheme| scheme != PrependScheme::Never) => {
                return Err(TokenizerError::invalid(name, "add_prefix_space contradicts prepend_scheme"));
            }
            Some(false) => PrependScheme::Never,
            _ => scheme,
        };
        Ok((self.replacement, scheme, self.split.unwrap_or(true)))
    }
}

impl PreTokenizer {
    pub(super) fn read(raw: Option<&RawValue>) -> Result<Self, TokenizerError> {
        let Some(raw) = raw else { return Ok(Self::default()) };
        let steps = steps(PART, raw, "pretokenizers")?.into_iter().map(|(kind, raw)| {
            Ok(match kind.as_str() {
                "ByteLevel" => {
                    let file: ByteLevelFile = part(PART, raw)?;
                    let pattern = file.use_regex.then(|| Pattern::regex(PART, GPT2_PATTERN)).transpose()?;
                    let characters = Box::new(byte_level::table());
                    Step::ByteLevel { prefix_space: file.add_prefix_space, pattern, characters }
                }
                "Metaspace" => {
                    let (mark, scheme, split) = part::<MetaspaceFile>(PART, raw)?.settings(PART)?;
                    Step::Metaspace { mark, scheme, split }
                }
                "Split" => {
                    let SplitFile { pattern, behavior, invert } = part(PART, raw)?;
                    Step::Split { pattern: Pattern::read(PART, pattern)?, behavior, invert }
                }
                "Digits" => Step::Digits { individual: part::<DigitsFile>(PART, raw)?.individual_digits },
                "Whitespace" => Step::Whitespace(Pattern::regex(PART, r"\w+|[^\w\s]+")?),
                "WhitespaceSplit" => Step::WhitespaceSplit,
                other => return Err(TokenizerError::unsupported(PART, shown(other))),
            })
        });
        steps.collect::<Result<_, _>>().map(Self)
    }

    /// The words of one part of the text.
    pub(super) fn split(&self, word: Word) -> Result<Vec<Word>, TokenizerError> {
        let mut words = vec![word];
        for step in &self.0 {
            let mut next = Vec::with_capacity(words.len());
            for word in words {
                step.split(word, &mut next)?;
            }
            next.retain(|word: &Word| !word.text.is_empty());
            words = next;
        }
        Ok(words)
    }
}

impl Step {
    fn split(&self, word: Word, out: &mut Vec<Word>) -> Result<(), TokenizerError> {
        let Word { text, is_first } = word;
        match self {
            Self::ByteLevel { prefix_space, pattern, characters } => {
                let text = if *prefix_space && !text.starts_with(' ') { format!(" {text}") } else { text };
                let pieces = match pattern {
                    Some(pattern) => pattern.pieces(&text)?,
                    None => vec![(0, text.len(), true)],
                };
                push(out, &text, is_first, pieces, |part| byte_level::encode(part, characters));
            }
            Self::Metaspace { mark, scheme, split } => {
                let mut text: String = text.chars().map(|c| if c == ' ' { *mark } else { c }).collect();
                let wanted = *scheme == PrependScheme::Always || *scheme == PrependScheme::First && is_first;
                if wanted && !text.starts_with(*mark) {
                    text.insert(0, *mark);
                }
                let marks = text.match_indices(*mark).map(|(at, found)| (at, at + found.len())).collect();
                let pieces = if *split {
                    behave(cover(&text, marks), Behavior::MergedWithNext)
                } else {
                    vec![(0, text.len(), true)]
                };
                push(out, &text, is_first, pieces, str::to_owned);
            }
            Self::Split { pattern, behavior, invert } => {
                let mut pieces = pattern.pieces(&text)?;
                pieces.iter_mut().for_each(|piece| piece.2 ^= invert);
                push(out, &text, is_first, behave(pieces, *behavior), str::to_owned);
            }
            Self::Digits { individual } => {
                let behavior = if *individual { Behavior::Isolated } else { Behavior::Contiguous };
                push(out, &text, is_first, behave(by_character(&text, char::is_numeric), behavior), str::to_owned);
            }
            Self::Whitespace(pattern) => {
                let mut pieces = pattern.pieces(&text)?;
                pieces.iter_mut().for_each(|piece| piece.2 ^= true);
                push(out, &text, is_first, behave(pieces, Behavior::Removed), str::to_owned);
            }
            Self::WhitespaceSplit => {
                let pieces = by_character(&text, char::is_whitespace);
                push(out, &text, is_first, behave(pieces, Behavior::Removed), str::to_owned);
            }
        }
        Ok(())
    }
}

type Piece = (usize, usize, bool);

fn push(out: &mut Vec<Word>, text: &str, is_first: bool, pieces: Vec<Piece>, show: impl Fn(&str) -> String) {
    let words =
        pieces.into_iter().map(|(from, to, _)| Word { text: show(&text[from..to]), is_first: is_first && from == 0 });
    out.extend(words);
}

/// The whole text in ranges, given those of the matches.
fn cover(text: &str, matches: Vec<(usize, usize)>) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(matches.len() * 2);
    let mut end = 0;
    for (from, to) in matches {
        if from > end {
            pieces.push((end, from, false));
        }
        pieces.push((from, to, true));
        end = to;
    }
    if end < text.len() {
        pieces.push((end, text.len(), false));
    }
    pieces
}

/// Each matching character alone, the rest in runs.
fn by_character(text: &str, is_match: impl Fn(char) -> bool) -> Vec<Piece> {
    let found = text.char_indices().filter(|(_, c)| is_match(*c)).map(|(at, c)| (at, at + c.len_utf8()));
    cover(text, found.collect())
}

/// Ranges to keep, by what becomes of matches.
fn behave(pieces: Vec<Piece>, behavior: Behavior) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    match behavior {
        Behavior::Isolated => kept = pieces,
        Behavior::Removed => kept.extend(pieces.into_iter().filter(|piece| !piece.2)),
        Behavior::Contiguous => {
            for piece in pieces {
                match kept.last_mut() {
                    Some(last) if last.2 == piece.2 => last.1 = piece.1,
                    _ => kept.push(piece),
                }
            }
        }
        Behavior::MergedWithPrevious => {
            let mut was_match = false;
            for piece in pieces {
                match kept.last_mut() {
                    Some(last) if piece.2 && !was_match => last.1 = piece.1,
                    _ => kept.push(piece),
                }
                was_match = piece.2;
            }
        }
        Behavior::MergedWithNext => {
            let mut was_match = false;
            for piece in pieces.into_iter().rev() {
                match kept.last_mut() {
                    Some(last) if piece.2 && !was_match => last.0 = piece.0,
                    _ => kept.push(piece),
                }
                was_match = piece.2;
            }
            kept.reverse();
        }
    }
    kept
}
