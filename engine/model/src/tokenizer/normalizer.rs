use serde::Deserialize;
use serde_json::value::RawValue;
use unicode_normalization::UnicodeNormalization;

use super::TokenizerError;
use super::file::{PatternFile, part, short, steps};
use super::pattern::Pattern;
use crate::shown::shown;

const PART: &str = "normalizer";
/// How many times its own length, and how many bytes besides, a text may take when it is normalised. Compatibility
/// decomposition alone may make it 18 times as long.
const GROWTH_TIMES: usize = 24;
const GROWTH_BYTES: usize = 4096;

/// One change of a text before it is split.
#[derive(Debug, Clone)]
enum Step {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Lowercase,
    Strip { left: bool, right: bool },
    Prepend(String),
    Replace { pattern: Pattern, content: String },
}

/// Changes a text before it is split; each step sees what the one before left.
#[derive(Debug, Clone, Default)]
pub(super) struct Normalizer(Vec<Step>);

#[derive(Deserialize)]
struct StripFile {
    strip_left: bool,
    strip_right: bool,
}

#[derive(Deserialize)]
struct PrependFile {
    prepend: String,
}

#[derive(Deserialize)]
struct ReplaceFile {
    pattern: PatternFile,
    content: String,
}

impl Normalizer {
    pub(super) fn read(raw: Option<&RawValue>) -> Result<Self, TokenizerError> {
        let Some(raw) = raw else { return Ok(Self::default()) };
        let steps = steps(PART, raw, "normalizers")?.into_iter().map(|(kind, raw)| {
            Ok(match kind.as_str() {
                "NFC" => Step::Nfc,
                "NFD" => Step::Nfd,
                "NFKC" => Step::Nfkc,
                "NFKD" => Step::Nfkd,
                "Lowercase" => Step::Lowercase,
                "Strip" => {
                    let StripFile { strip_left, strip_right } = part(PART, raw)?;
                    Step::Strip { left: strip_left, right: strip_right }
                }
                "Prepend" => Step::Prepend(short(PART, part::<PrependFile>(PART, raw)?.prepend)?),
                "Replace" => {
                    let ReplaceFile { pattern, content } = part(PART, raw)?;
                    Step::Replace { pattern: Pattern::read(PART, pattern)?, content: short(PART, content)? }
                }
                other => return Err(TokenizerError::unsupported(PART, shown(other))),
            })
        });
        steps.collect::<Result<_, _>>().map(Self)
    }

    /// The text as the model sees it.
    pub(super) fn apply(&self, text: &str) -> Result<String, TokenizerError> {
        let limit_bytes = text.len().saturating_mul(GROWTH_TIMES).saturating_add(GROWTH_BYTES);
        let mut now = text.to_owned();
        for step in &self.0 {
            now = match step {
                Step::Nfc => now.nfc().collect(),
                Step::Nfd => now.nfd().collect(),
                Step::Nfkc => now.nfkc().collect(),
                Step::Nfkd => now.nfkd().collect(),
                // Character by character, so that a final sigma stays what it was.
                Step::Lowercase => now.chars().flat_map(char::to_lowercase).collect(),
                Step::Strip { left, right } => {
                    let start = if *left { now.trim_start() } else { &now };
                    if *right { start.trim_end().to_owned() } else { start.to_owned() }
                }
                Step::Prepend(_) if now.is_empty() => now,
                Step::Prepend(content) => format!("{content}{now}"),
                Step::Replace { pattern, content } => replace(&now, pattern, content)?,
            };
            if now.len() > limit_bytes {
                return Err(TokenizerError::Growth { have_bytes: text.len(), limit_bytes });
            }
        }
        Ok(now)
    }
}

/// `text` with every match replaced.
pub(super) fn replace(text: &str, pattern: &Pattern, content: &str) -> Result<String, TokenizerError> {
    let mut out = String::with_capacity(text.len());
    for (from, to, is_match) in pattern.pieces(text)? {
        out.push_str(if is_match { content } else { &text[from..to] });
    }
    Ok(out)
}
