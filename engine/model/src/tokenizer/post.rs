use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::TokenizerError;
use super::file::{part, steps};
use crate::shown::shown;

const PART: &str = "post-processor";
/// Special tokens that a template may put around a text.
const TEMPLATE_TOKENS_MAX: usize = 64;

/// Special tokens around a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Frame {
    pub(super) before: Vec<u32>,
    pub(super) after: Vec<u32>,
}

#[derive(Deserialize)]
enum Piece {
    SpecialToken { id: String },
    Sequence { id: String },
}

#[derive(Deserialize)]
struct Special {
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Template {
    single: Vec<Piece>,
    #[serde(default)]
    special_tokens: BTreeMap<String, Special>,
}

impl Frame {
    /// What stands around a single text; pairs of texts, which causal models have not, are not read.
    pub(super) fn read(raw: Option<&RawValue>) -> Result<Self, TokenizerError> {
        let mut frame = Self::default();
        let Some(raw) = raw else { return Ok(frame) };
        for (kind, raw) in steps(PART, raw, "processors")? {
            match kind.as_str() {
                // It corrects offsets alone.
                "ByteLevel" => {}
                "TemplateProcessing" => frame.wrap(part(PART, raw)?)?,
                other => return Err(TokenizerError::unsupported(PART, shown(other))),
            }
        }
        Ok(frame)
    }

    fn wrap(&mut self, template: Template) -> Result<(), TokenizerError> {
        let mut inner = Some(std::mem::take(self));
        for piece in template.single {
            match piece {
                Piece::Sequence { id } if id == "A" => {
                    let frame = inner.take().ok_or_else(|| TokenizerError::invalid(PART, "the text comes twice"))?;
                    self.before.extend(frame.before);
                    self.after.extend(frame.after);
                }
                Piece::Sequence { id } => {
                    let problem = format!("a single text has no part `{}`", shown(&id));
                    return Err(TokenizerError::invalid(PART, problem));
                }
                Piece::SpecialToken { id } => {
                    let special = template.special_tokens.get(&id).ok_or_else(|| {
                        TokenizerError::invalid(PART, format!("`{}` is not among its special tokens", shown(&id)))
                    })?;
                    let side = if inner.is_some() { &mut self.before } else { &mut self.after };
                    side.extend(&special.ids);
                }
            }
            if self.before.len() + self.after.len() > TEMPLATE_TOKENS_MAX {
                return Err(TokenizerError::invalid(PART, "it adds too many tokens"));
            }
        }
        match inner {
            None => Ok(()),
            Some(_) => Err(TokenizerError::invalid(PART, "the text does not come in its template")),
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.before.iter().chain(&self.after).copied()
    }
}
