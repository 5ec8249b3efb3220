use fancy_regex::Regex;

use super::TokenizerError;
use super::file::{PatternFile, short};
use crate::shown::shown;

/// Bytes of a pattern; the longest published one has 400.
const PATTERN_BYTES_MAX: usize = 4096;

/// What a splitter or a replacement looks for.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// This text.
    Text(String),
    /// A regular expression with look-around, which may give up on a text.
    Regex(Regex),
}

impl Pattern {
    pub(super) fn read(part: &'static str, file: PatternFile) -> Result<Self, TokenizerError> {
        match file {
            PatternFile::String(text) if text.is_empty() => Err(TokenizerError::invalid(part, "an empty pattern")),
            PatternFile::String(text) => Ok(Self::Text(short(part, text)?)),
            PatternFile::Regex(text) => Self::regex(part, &text),
        }
    }

    pub(super) fn regex(part: &'static str, text: &str) -> Result<Self, TokenizerError> {
        if text.len() > PATTERN_BYTES_MAX {
            let problem = format!("a pattern of {} bytes, at most {PATTERN_BYTES_MAX} are read", text.len());
            return Err(TokenizerError::invalid(part, problem));
        }
        let invalid = |error: fancy_regex::Error| TokenizerError::invalid(part, shown(&error.to_string()));
        Ok(Self::Regex(Regex::new(text).map_err(invalid)?))
    }

    /// Byte ranges of the matches, in order and without overlap.
    pub(super) fn matches(&self, text: &str) -> Result<Vec<(usize, usize)>, TokenizerError> {
        match self {
            Self::Text(wanted) => Ok(text.match_indices(wanted).map(|(at, found)| (at, at + found.len())).collect()),
            Self::Regex(regex) => regex
                .find_iter(text)
                .map(|found| match found {
                    Ok(found) => Ok((found.start(), found.end())),
                    Err(error) => {
                        let pattern = shown(regex.as_str());
                        Err(TokenizerError::Pattern { pattern, problem: shown(&error.to_string()) })
                    }
                })
                .collect(),
        }
    }

    /// The whole text in ranges, each with whether it is a match.
    pub(super) fn pieces(&self, text: &str) -> Result<Vec<(usize, usize, bool)>, TokenizerError> {
        let mut pieces = Vec::new();
        let mut end = 0;
        for (from, to) in self.matches(text)? {
            if from > end {
                pieces.push((end, from, false));
            }
            pieces.push((from, to, true));
            end = to;
        }
        if end < text.len() {
            pieces.push((end, text.len(), false));
        }
        Ok(pieces)
    }
}
