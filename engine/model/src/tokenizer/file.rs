//! The JSON of `tokenizer.json`. Small parts are kept as text until their reader asks, vocabularies are read in place.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::TokenizerError;
use crate::shown::shown;

/// Bytes of a file above which it is refused: twice that of the largest vocabulary in use.
const FILE_BYTES_MAX: usize = 64 << 20;
/// Bytes of a part besides vocabulary and added tokens.
const PART_BYTES_MAX: usize = 256 << 10;
/// Steps that one part may have, nested ones included.
pub(super) const STEPS_MAX: usize = 64;
/// Bytes of a text that a part replaces, prepends or looks for.
pub(super) const CONTENT_BYTES_MAX: usize = 256;

#[derive(Deserialize)]
pub(super) struct File<'a> {
    #[serde(default)]
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) added_tokens: Vec<AddedToken>,
    #[serde(borrow, default)]
    pub(super) normalizer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) pre_tokenizer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) post_processor: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) decoder: Option<&'a RawValue>,
    pub(super) model: Model,
}

#[derive(Deserialize, Clone)]
pub(super) struct AddedToken {
    pub(super) id: u32,
    pub(super) content: String,
    #[serde(default)]
    pub(super) single_word: bool,
    #[serde(default)]
    pub(super) lstrip: bool,
    #[serde(default)]
    pub(super) rstrip: bool,
    #[serde(default)]
    pub(super) normalized: bool,
    #[serde(default)]
    pub(super) special: bool,
}

#[derive(Deserialize)]
pub(super) struct Model {
    #[serde(rename = "type", default)]
    pub(super) kind: Option<String>,
    pub(super) vocab: Vocabulary,
    #[serde(default)]
    pub(super) merges: Vec<Merge>,
    #[serde(default)]
    pub(super) unk_token: Option<String>,
    #[serde(default)]
    pub(super) unk_id: Option<usize>,
    #[serde(default)]
    pub(super) dropout: Option<f64>,
    #[serde(default)]
    pub(super) continuing_subword_prefix: Option<String>,
    #[serde(default)]
    pub(super) end_of_word_suffix: Option<String>,
    #[serde(default)]
    pub(super) fuse_unk: bool,
    #[serde(default)]
    pub(super) byte_fallback: bool,
    #[serde(default)]
    pub(super) ignore_merges: bool,
}

/// Two tokens that become one: `"a b"` or `["a", "b"]`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Merge {
    Pair(String, String),
    Text(String),
}

impl Merge {
    /// Both halves; `None` for a text that is not two words.
    pub(super) fn halves(&self) -> Option<(&str, &str)> {
        match self {
            Self::Pair(left, right) => Some((left, right)),
            Self::Text(text) => text.split_once(' ').filter(|(_, right)| !right.contains(' ')),
        }
    }
}

/// A byte-pair vocabulary maps tokens to ids, a unigram one lists tokens with their scores.
pub(super) enum Vocabulary {
    Ids(Vec<(String, u32)>),
    Scores(Vec<(String, f64)>),
}

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tokens;
        impl<'de> Visitor<'de> for Tokens {
            type Value = Vocabulary;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of ids or a list of tokens with scores")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
                let mut ids = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    ids.push(pair);
                }
                Ok(Vocabulary::Ids(ids))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vocabulary, A::Error> {
                let mut scores = Vec::new();
                while let Some(pair) = list.next_element()? {
                    scores.push(pair);
                }
                Ok(Vocabulary::Scores(scores))
            }
        }
        deserializer.deserialize_any(Tokens)
    }
}

/// Reads the file as a whole, its parts not yet.
pub(super) fn read(bytes: &[u8]) -> Result<File<'_>, TokenizerError> {
    if bytes.len() > FILE_BYTES_MAX {
        let problem = format!("it has {} bytes, at most {FILE_BYTES_MAX} are read", bytes.len());
        return Err(TokenizerError::Json(problem));
    }
    let file: File<'_> =
        serde_json::from_slice(bytes).map_err(|error| TokenizerError::Json(shown(&error.to_string())))?;
    match file.version.as_deref() {
        None | Some("1.0") => Ok(file),
        Some(other) => Err(TokenizerError::Json(format!("version `{}` is not read, only 1.0", shown(other)))),
    }
}

/// Reads a part; `"type"` and all other keys of `T` come from its object.
pub(super) fn part<'a, T: Deserialize<'a>>(name: &'static str, raw: &'a RawValue) -> Result<T, TokenizerError> {
    let text = raw.get();
    if text.len() > PART_BYTES_MAX {
        let problem = format!("it has {} bytes, at most {PART_BYTES_MAX} are read", text.len());
        return Err(TokenizerError::invalid(name, problem));
    }
    serde_json::from_str(text).map_err(|error| TokenizerError::invalid(name, shown(&error.to_string())))
}

/// The type of a part, and the parts that a sequence holds under `list_key`.
pub(super) fn steps<'a>(
    name: &'static str,
    raw: &'a RawValue,
    list_key: &str,
) -> Result<Vec<(String, &'a RawValue)>, TokenizerError> {
    let mut open = vec![raw];
    let mut steps = Vec::new();
    let mut seen = 0;
    while let Some(raw) = open.pop() {
        seen += 1;
        if seen > STEPS_MAX {
            return Err(TokenizerError::invalid(name, format!("it has more than {STEPS_MAX} steps")));
        }
        let map: std::collections::BTreeMap<String, &RawValue> = part(name, raw)?;
        let Some(kind) = map.get("type") else {
            return Err(TokenizerError::invalid(name, "it has no `type`"));
        };
        let kind: String = part(name, kind)?;
        if kind == "Sequence" {
            let list = map
                .get(list_key)
                .ok_or_else(|| TokenizerError::invalid(name, format!("its sequence has no `{list_key}`")))?;
            let list: Vec<&RawValue> = part(name, list)?;
            open.extend(list.into_iter().rev());
        } else {
            steps.push((kind, raw));
        }
    }
    Ok(steps)
}

/// A text to look for, or a pattern.
#[derive(Deserialize)]
pub(super) enum PatternFile {
    String(String),
    Regex(String),
}

/// Refuses a text that could make others grow without bound.
pub(super) fn short(name: &'static str, content: String) -> Result<String, TokenizerError> {
    if content.len() > CONTENT_BYTES_MAX {
        let problem = format!("a text of {} bytes, at most {CONTENT_BYTES_MAX} are read", content.len());
        return Err(TokenizerError::invalid(name, problem));
    }
    Ok(content)
}
