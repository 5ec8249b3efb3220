//! `config.json`. Defaults are those of transformers' `LlamaConfig`, `Qwen2Config` and `GPT2Config`.

use serde_json::{Map, Value};

use super::{Biases, Config, ConfigError, Family, FfnActivation, JSON_BYTES_MAX, Norm, Position, RopeOrder};
use crate::shown::shown;

/// An object whose keys are asked for by kind. `null` counts as absent, as in transformers.
pub(super) struct Keys(Map<String, Value>);

impl Keys {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ConfigError> {
        if bytes.len() > JSON_BYTES_MAX {
            let problem = format!("it has {} bytes, at most {JSON_BYTES_MAX} are read", bytes.len());
            return Err(ConfigError::Json(problem));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            Ok(other) => Err(ConfigError::Json(format!("it holds {}", brief(&other)))),
            Err(error) => Err(ConfigError::Json(shown(&error.to_string()))),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn kind<T>(
        &self,
        key: &str,
        want: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let fault = || ConfigError::Kind { key: key.into(), have: brief(value), want };
        read(value).map(Some).ok_or_else(fault)
    }

    pub(super) fn count(&self, key: &str) -> Result<Option<usize>, ConfigError> {
        self.kind(key, "a whole number that is not negative", |value| usize::try_from(value.as_u64()?).ok())
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, ConfigError> {
        self.kind(key, "a number", Value::as_f64)
    }

    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        self.kind(key, "true or false", Value::as_bool)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        self.kind(key, "text", |value| value.as_str().map(str::to_owned))
    }

    /// One token id or a list of them.
    pub(super) fn tokens(&self, key: &str) -> Result<Vec<u32>, ConfigError> {
        let id = |value: &Value| u32::try_from(value.as_u64()?).ok();
        let ids = |value: &Value| match value {
            Value::Array(list) => list.iter().map(id).collect(),
            one => id(one).map(|id| vec![id]),
        };
        Ok(self.kind(key, "a token id or a list of them", ids)?.unwrap_or_default())
    }

    /// Refuses a feature that is switched on.
    fn off(&self, key: &'static str, default: bool, feature: &'static str) -> Result<(), ConfigError> {
        if self.truth(key)?.unwrap_or(default) {
            return Err(ConfigError::Unsupported { key, have: "true".into(), feature });
        }
        Ok(())
    }

    /// Refuses a key with any value.
    fn absent(&self, key: &'static str, feature: &'static str) -> Result<(), ConfigError> {
        match self.get(key) {
            Some(value) => Err(ConfigError::Unsupported { key, have: brief(value), feature }),
            None => Ok(()),
        }
    }
}

/// A value for a message, cut where it is long.
fn brief(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".into(),
        Value::Array(list) => format!("a list of {}", list.len()),
        other => shown(&other.to_string()),
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<Config, ConfigError> {
    let keys = Keys::read(bytes)?;
    let Some(kind) = keys.text("model_type")? else { return Err(ConfigError::Missing("model_type".into())) };
    match kind.as_str() {
        "llama" => llama(&keys),
        "qwen2" => qwen2(&keys),
        "gpt2" => gpt2(&keys),
        other => Err(ConfigError::Architecture(shown(other))),
    }
}

fn activation(keys: &Keys, key: &'static str, default: &str) -> Result<FfnActivation, ConfigError> {
    let name = keys.text(key)?.unwrap_or_else(|| default.into());
    Ok(match name.as_str() {
        "silu" | "swish" => FfnActivation::Silu,
        "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => FfnActivation::GeluTanh,
        "gelu" => FfnActivation::Gelu,
        "relu" => FfnActivation::Relu,
        other => {
            return Err(ConfigError::Unsupported { key, have: shown(other), feature: "this activation" });
        }
    })
}

/// `rope_theta` of version 4, or `rope_parameters` of version 5; anything but the plain kind is refused.
fn rope(keys: &Keys) -> Result<Position, ConfigError> {
    let feature = "this kind of rotary positions";
    let mut theta = keys.number("rope_theta")?;
    for key in ["rope_scaling", "rope_parameters"] {
        let Some(value) = keys.get(key) else { continue };
        let Value::Object(map) = value else {
            return Err(ConfigError::Kind { key: key.into(), have: brief(value), want: "an object" });
        };
        let inner = Keys(map.clone());
        let kind = inner.text("rope_type")?.or(inner.text("type")?).unwrap_or_else(|| "default".into());
        if kind != "default" {
            return Err(ConfigError::Unsupported { key, have: format!("`{}`", shown(&kind)), feature });
        }
        if inner.number("partial_rotary_factor")?.is_some_and(|factor| factor != 1.0) {
            return Err(ConfigError::Unsupported { key, have: "partial".into(), feature });
        }
        theta = inner.number("rope_theta")?.or(theta);
    }
    if keys.number("partial_rotary_factor")?.is_some_and(|factor| factor != 1.0) {
        return Err(ConfigError::Unsupported { key: "partial_rotary_factor", have: "not 1".into(), feature });
    }
    Ok(Position::Rope { theta: theta.unwrap_or(10_000.0), order: RopeOrder::Halves })
}

/// What Llama and Qwen2 share.
fn gated(keys: &Keys, family: Family, defaults: [usize; 4]) -> Result<Config, ConfigError> {
    let [vocabulary, hidden, ffn, context] = defaults;
    keys.absent("quantization_config", "a quantised checkpoint of this kind")?;
    let hidden = keys.count("hidden_size")?.unwrap_or(hidden);
    let heads = keys.count("num_attention_heads")?.unwrap_or(32);
    let head_size = match keys.count("head_dim")? {
        Some(size) => size,
        None => split_heads(hidden, heads)?,
    };
    Ok(Config {
        family,
        vocabulary: keys.count("vocab_size")?.unwrap_or(vocabulary),
        hidden,
        ffn: keys.count("intermediate_size")?.unwrap_or(ffn),
        layers: keys.count("num_hidden_layers")?.unwrap_or(32),
        heads,
        kv_heads: keys.count("num_key_value_heads")?.unwrap_or(heads),
        head_size,
        context: keys.count("max_position_embeddings")?.unwrap_or(context),
        norm: Norm::Rms { epsilon: small(keys.number("rms_norm_eps")?.unwrap_or(1e-6)) },
        position: rope(keys)?,
        activation: activation(keys, "hidden_act", "silu")?,
        gated: true,
        biases: Biases { qkv: false, attention_output: false, ffn: false },
        tied: keys.truth("tie_word_embeddings")?.unwrap_or(false),
        beginning: keys.tokens("bos_token_id")?.first().copied(),
        end: keys.tokens("eos_token_id")?,
    })
}

pub(super) fn split_heads(hidden: usize, heads: usize) -> Result<usize, ConfigError> {
    match hidden.checked_rem(heads) {
        None => Err(ConfigError::Bound { what: "head count", have: 0, limit: 1 << 12 }),
        Some(0) => Ok(hidden / heads),
        Some(_) => {
            Err(ConfigError::Indivisible { what: "hidden size", have: hidden, by: "the head count", divisor: heads })
        }
    }
}

/// Epsilons are stored as decimal text; transformers computes with their f32.
#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is the point")]
pub(super) fn small(number: f64) -> f32 {
    number as f32
}

/// The ids of a family's own vocabulary, where no key speaks of them (`null` does) and the vocabulary has them.
fn special_defaults(keys: &Keys, config: &mut Config, beginning: u32, end: u32) {
    let known = |id: &u32| (*id as usize) < config.vocabulary;
    if !keys.0.contains_key("bos_token_id") {
        config.beginning = Some(beginning).filter(known);
    }
    if !keys.0.contains_key("eos_token_id") {
        config.end = Some(end).filter(known).into_iter().collect();
    }
}

fn llama(keys: &Keys) -> Result<Config, ConfigError> {
    let mut config = gated(keys, Family::Llama, [32_000, 4096, 11_008, 2048])?;
    // A whole text's tensor-parallel order of sums; it changes the result only in the last bits.
    if keys.count("pretraining_tp")?.is_some_and(|slices| slices != 1) {
        let feature = "tensor-parallel arithmetic";
        return Err(ConfigError::Unsupported { key: "pretraining_tp", have: "not 1".into(), feature });
    }
    let attention = keys.truth("attention_bias")?.unwrap_or(false);
    let ffn = keys.truth("mlp_bias")?.unwrap_or(false);
    config.biases = Biases { qkv: attention, attention_output: attention, ffn };
    special_defaults(keys, &mut config, 1, 2);
    Ok(config)
}

fn qwen2(keys: &Keys) -> Result<Config, ConfigError> {
    keys.off("use_sliding_window", false, "a sliding attention window")?;
    if let Some(Value::Array(kinds)) = keys.get("layer_types")
        && let Some(kind) = kinds.iter().find(|kind| kind.as_str() != Some("full_attention"))
    {
        let feature = "this kind of layer";
        return Err(ConfigError::Unsupported { key: "layer_types", have: brief(kind), feature });
    }
    let mut config = gated(keys, Family::Qwen2, [151_936, 4096, 22_016, 32_768])?;
    config.biases.qkv = true;
    Ok(config)
}

fn gpt2(keys: &Keys) -> Result<Config, ConfigError> {
    keys.off("scale_attn_by_inverse_layer_idx", false, "attention scaled by layer")?;
    keys.off("reorder_and_upcast_attn", false, "reordered attention")?;
    keys.off("add_cross_attention", false, "cross-attention")?;
    keys.absent("quantization_config", "a quantised checkpoint of this kind")?;
    if !keys.truth("scale_attn_weights")?.unwrap_or(true) {
        let feature = "unscaled attention";
        return Err(ConfigError::Unsupported { key: "scale_attn_weights", have: "false".into(), feature });
    }
    let either = |own: &str, common: &str| Ok(keys.count(own)?.or(keys.count(common)?));
    let hidden = either("n_embd", "hidden_size")?.unwrap_or(768);
    let heads = either("n_head", "num_attention_heads")?.unwrap_or(12);
    let mut config = Config {
        family: Family::Gpt2,
        vocabulary: keys.count("vocab_size")?.unwrap_or(50_257),
        hidden,
        ffn: keys.count("n_inner")?.unwrap_or(hidden.saturating_mul(4)),
        layers: either("n_layer", "num_hidden_layers")?.unwrap_or(12),
        heads,
        kv_heads: heads,
        head_size: split_heads(hidden, heads)?,
        context: either("n_positions", "max_position_embeddings")?.unwrap_or(1024),
        norm: Norm::Layer { epsilon: small(keys.number("layer_norm_epsilon")?.unwrap_or(1e-5)) },
        position: Position::Learned,
        activation: activation(keys, "activation_function", "gelu_new")?,
        gated: false,
        biases: Biases { qkv: true, attention_output: true, ffn: true },
        tied: keys.truth("tie_word_embeddings")?.unwrap_or(true),
        beginning: keys.tokens("bos_token_id")?.first().copied(),
        end: keys.tokens("eos_token_id")?,
    };
    special_defaults(keys, &mut config, 50_256, 50_256);
    Ok(config)
}
