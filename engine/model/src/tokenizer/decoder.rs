use serde::Deserialize;
use serde_json::value::RawValue;

use super::file::{PatternFile, part, short, steps};
use super::normalizer::replace;
use super::pattern::Pattern;
use super::pre_tokenizer::{MetaspaceFile, PrependScheme};
use super::{TokenizerError, byte_level};
use crate::shown::shown;

const PART: &str = "decoder";

/// One change of the tokens' texts on their way back.
#[derive(Debug, Clone)]
pub(super) enum Step {
    ByteLevel,
    ByteFallback,
    Fuse,
    Metaspace { mark: char, drops_first: bool },
    Replace { pattern: Pattern, content: String },
    Strip { character: char, start: usize, stop: usize },
}

/// Turns tokens into text. Without steps, tokens are joined by spaces, as in the reference.
#[derive(Debug, Clone, Default)]
pub(super) struct Decoder {
    pub(super) steps: Option<Vec<Step>>,
}

#[derive(Deserialize)]
struct ReplaceFile {
    pattern: PatternFile,
    content: String,
}

#[derive(Deserialize)]
struct StripFile {
    content: char,
    start: usize,
    stop: usize,
}

impl Decoder {
    pub(super) fn read(raw: Option<&RawValue>) -> Result<Self, TokenizerError> {
        let Some(raw) = raw else { return Ok(Self::default()) };
        let steps = steps(PART, raw, "decoders")?.into_iter().map(|(kind, raw)| {
            Ok(match kind.as_str() {
                "ByteLevel" => Step::ByteLevel,
                "ByteFallback" => Step::ByteFallback,
                "Fuse" => Step::Fuse,
                "Metaspace" => {
                    let (mark, scheme, _) = part::<MetaspaceFile>(PART, raw)?.settings(PART)?;
                    Step::Metaspace { mark, drops_first: scheme != PrependScheme::Never }
                }
                "Replace" => {
                    let ReplaceFile { pattern, content } = part(PART, raw)?;
                    Step::Replace { pattern: Pattern::read(PART, pattern)?, content: short(PART, content)? }
                }
                "Strip" => {
                    let StripFile { content, start, stop } = part(PART, raw)?;
                    Step::Strip { character: content, start, stop }
                }
                other => return Err(TokenizerError::unsupported(PART, shown(other))),
            })
        });
        Ok(Self { steps: Some(steps.collect::<Result<_, _>>()?) })
    }

    /// The text of a whole list of tokens.
    pub(super) fn decode(&self, mut tokens: Vec<String>) -> Result<String, TokenizerError> {
        let Some(steps) = &self.steps else { return Ok(tokens.join(" ")) };
        for step in steps {
            tokens = match step {
                Step::ByteLevel => {
                    let bytes: Vec<u8> = tokens.iter().flat_map(|token| byte_level::decode(token)).collect();
                    vec![String::from_utf8_lossy(&bytes).into_owned()]
                }
                Step::ByteFallback => bytes_to_text(tokens),
                Step::Fuse => vec![tokens.concat()],
                Step::Metaspace { mark, drops_first } => {
                    let tokens = tokens.iter().enumerate();
                    tokens.map(|(at, token)| metaspace(token, *mark, at == 0 && *drops_first)).collect()
                }
                Step::Replace { pattern, content } => {
                    tokens.iter().map(|token| replace(token, pattern, content)).collect::<Result<_, _>>()?
                }
                Step::Strip { character, start, stop } => {
                    tokens.iter().map(|token| strip(token, *character, *start, *stop).to_owned()).collect()
                }
            };
        }
        Ok(tokens.concat())
    }
}

/// Marks become spaces; those of the first token vanish.
pub(super) fn metaspace(token: &str, mark: char, is_first: bool) -> String {
    let show = |c: char| if c != mark { Some(c) } else { (!is_first).then_some(' ') };
    token.chars().filter_map(show).collect()
}

/// Up to `start` characters from the beginning and `stop` from the end, while they are `character`.
pub(super) fn strip(token: &str, character: char, start: usize, stop: usize) -> &str {
    let size = character.len_utf8();
    let before = token.chars().take(start).take_while(|&c| c == character).count();
    let rest = &token[before * size..];
    let after = rest.chars().rev().take(stop).take_while(|&c| c == character).count();
    &rest[..rest.len() - after * size]
}

/// The byte that a token `<0xNN>` stands for.
pub(super) fn fallback_byte(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// A run of byte tokens becomes its text, or as many replacement characters where it is no UTF-8.
fn bytes_to_text(tokens: Vec<String>) -> Vec<String> {
    let mut texts = Vec::with_capacity(tokens.len());
    let mut run = Vec::new();
    for token in tokens {
        match fallback_byte(&token) {
            Some(byte) => run.push(byte),
            None => {
                end_run(&mut run, &mut texts);
                texts.push(token);
            }
        }
    }
    end_run(&mut run, &mut texts);
    texts
}

fn end_run(run: &mut Vec<u8>, texts: &mut Vec<String>) {
    if run.is_empty() {
        return;
    }
    match String::from_utf8(std::mem::take(run)) {
        Ok(text) => texts.push(text),
        Err(error) => texts.extend(error.as_bytes().iter().map(|_| "\u{FFFD}".to_owned())),
    }
}
