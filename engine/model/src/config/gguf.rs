//! The keys of GGUF metadata; reference: `docs/gguf.md` of the ggml repository.

use super::{Biases, Config, ConfigError, Family, FfnActivation, Norm, Position, RopeOrder};
use crate::config::hugging_face::small;
use crate::shown::shown;
use crate::weights::gguf::{Metadata, Value};

struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: &'a str,
}

impl Keys<'_> {
    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture)
    }

    fn count(&self, key: &str) -> Result<Option<usize>, ConfigError> {
        let key = self.key(key);
        let Some(value) = self.metadata.get(&key) else { return Ok(None) };
        let whole = self.metadata.integer(&key).and_then(|number| usize::try_from(number).ok());
        let want = "a whole number that is not negative";
        whole.map(Some).ok_or_else(|| ConfigError::Kind { key, have: brief(value), want })
    }

    fn required(&self, key: &str) -> Result<usize, ConfigError> {
        self.count(key)?.ok_or_else(|| ConfigError::Missing(self.key(key)))
    }

    fn number(&self, key: &str) -> Result<Option<f64>, ConfigError> {
        let key = self.key(key);
        match self.metadata.get(&key) {
            None => Ok(None),
            Some(Value::Float(number)) => Ok(Some(*number)),
            Some(value) => Err(ConfigError::Kind { key, have: brief(value), want: "a float" }),
        }
    }

    /// Refuses a key with any value but the neutral one.
    fn neutral(
        &self,
        key: &'static str,
        feature: &'static str,
        is_neutral: impl Fn(&Value) -> bool,
    ) -> Result<(), ConfigError> {
        match self.metadata.get(&self.key(key)) {
            Some(value) if !is_neutral(value) => Err(ConfigError::Unsupported { key, have: brief(value), feature }),
            _ => Ok(()),
        }
    }
}

fn brief(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("`{}`", shown(text)),
        Value::Texts(list) => format!("a list of {}", list.len()),
        Value::Numbers(list) => format!("a list of {}", list.len()),
        other => shown(&format!("{other:?}")),
    }
}

pub(super) fn read(metadata: &Metadata, has_head: bool) -> Result<Config, ConfigError> {
    let missing = || ConfigError::Missing("general.architecture".into());
    let architecture = metadata.text("general.architecture").ok_or_else(missing)?;
    let family = match architecture {
        "llama" => Family::Llama,
        "qwen2" => Family::Qwen2,
        "gpt2" => Family::Gpt2,
        other => return Err(ConfigError::Architecture(shown(other))),
    };
    let keys = Keys { metadata, architecture };
    keys.neutral("rope.scaling.type", "this kind of rotary positions", |value| *value == Value::Text("none".into()))?;
    keys.neutral("rope.scale_linear", "this kind of rotary positions", |value| *value == Value::Float(1.0))?;
    keys.neutral("attention.sliding_window", "a sliding attention window", |value| *value == Value::Unsigned(0))?;
    keys.neutral("expert_count", "a mixture of experts", |value| *value == Value::Unsigned(0))?;
    let hidden = keys.required("embedding_length")?;
    let heads = keys.required("attention.head_count")?;
    let head_size = match keys.count("attention.key_length")? {
        Some(size) => size,
        None => super::hugging_face::split_heads(hidden, heads)?,
    };
    if let Some(value) = keys.count("attention.value_length")?.filter(|&size| size != head_size) {
        let feature = "values of another size than keys";
        return Err(ConfigError::Unsupported { key: "attention.value_length", have: value.to_string(), feature });
    }
    if let Some(turned) = keys.count("rope.dimension_count")?.filter(|&count| count != head_size) {
        let feature = "turning a part of each head";
        return Err(ConfigError::Unsupported { key: "rope.dimension_count", have: turned.to_string(), feature });
    }
    let is_gpt2 = family == Family::Gpt2;
    let theta = keys.number("rope.freq_base")?.unwrap_or(10_000.0);
    let order = if family == Family::Llama { RopeOrder::Pairs } else { RopeOrder::Halves };
    let epsilon_key = if is_gpt2 { "attention.layer_norm_epsilon" } else { "attention.layer_norm_rms_epsilon" };
    let epsilon = small(keys.number(epsilon_key)?.ok_or_else(|| ConfigError::Missing(keys.key(epsilon_key)))?);
    let token = |key: &str| metadata.integer(key).and_then(|id| u32::try_from(id).ok());
    let qkv = family != Family::Llama;
    Ok(Config {
        family,
        vocabulary: vocabulary(&keys)?,
        hidden,
        ffn: keys.required("feed_forward_length")?,
        layers: keys.required("block_count")?,
        heads,
        kv_heads: keys.count("attention.head_count_kv")?.unwrap_or(heads),
        head_size,
        context: keys.required("context_length")?,
        norm: if is_gpt2 { Norm::Layer { epsilon } } else { Norm::Rms { epsilon } },
        position: if is_gpt2 { Position::Learned } else { Position::Rope { theta, order } },
        activation: if is_gpt2 { FfnActivation::GeluTanh } else { FfnActivation::Silu },
        gated: !is_gpt2,
        biases: Biases { qkv, attention_output: is_gpt2, ffn: is_gpt2 },
        tied: !has_head,
        beginning: token("tokenizer.ggml.bos_token_id"),
        end: token("tokenizer.ggml.eos_token_id").into_iter().collect(),
    })
}

/// Stated, or else as long as the list of tokens.
fn vocabulary(keys: &Keys<'_>) -> Result<usize, ConfigError> {
    if let Some(count) = keys.count("vocab_size")? {
        return Ok(count);
    }
    match keys.metadata.get("tokenizer.ggml.tokens") {
        Some(Value::Texts(tokens)) => Ok(tokens.len()),
        _ => Err(ConfigError::Missing(keys.key("vocab_size"))),
    }
}
