//! GGUF files of ours: version 3, with what [`Config::from_gguf`] reads and no tokenizer, which stands beside.

use super::{MAGIC, Value};
use crate::config::{Config, Family, Norm, Position};
use crate::weights::{Encoding, TensorProblem};

/// Tensors start at multiples of it; readers take it where no metadata says another.
pub const ALIGNMENT: usize = 32;

/// A tensor that will follow the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its name in GGUF.
    pub name: String,
    /// Sizes, slowest dimension first.
    pub shape: Vec<usize>,
    /// F32, F16, Q8_0 or Q4_0.
    pub encoding: Encoding,
}

/// The keys that say a configuration.
pub fn metadata(config: &Config) -> Vec<(String, Value)> {
    let architecture = match config.family {
        Family::Llama => "llama",
        Family::Qwen2 => "qwen2",
        Family::Gpt2 => "gpt2",
    };
    let key = |key: &str| format!("{architecture}.{key}");
    let count = |count: usize| Value::Unsigned(count as u64);
    let mut pairs = vec![
        ("general.architecture".to_owned(), Value::Text(architecture.to_owned())),
        (key("context_length"), count(config.context)),
        (key("embedding_length"), count(config.hidden)),
        (key("block_count"), count(config.layers)),
        (key("feed_forward_length"), count(config.ffn)),
        (key("attention.head_count"), count(config.heads)),
        (key("attention.head_count_kv"), count(config.kv_heads)),
        (key("attention.key_length"), count(config.head_size)),
        (key("attention.value_length"), count(config.head_size)),
        (key("vocab_size"), count(config.vocabulary)),
        match config.norm {
            Norm::Rms { epsilon } => (key("attention.layer_norm_rms_epsilon"), Value::Float(epsilon.into())),
            Norm::Layer { epsilon } => (key("attention.layer_norm_epsilon"), Value::Float(epsilon.into())),
        },
    ];
    if let Position::Rope { theta, .. } = config.position {
        pairs.push((key("rope.freq_base"), Value::Float(theta)));
        pairs.push((key("rope.dimension_count"), count(config.head_size)));
    }
    let tokens = [("bos", config.beginning), ("eos", config.end.first().copied())];
    for (which, token) in tokens {
        let pair = |token: u32| (format!("tokenizer.ggml.{which}_token_id"), Value::Unsigned(token.into()));
        pairs.extend(token.map(pair));
    }
    pairs
}

/// The bytes before the first tensor. The tensors follow in this order, each padded with zeros to a multiple of
/// [`ALIGNMENT`], the last one too.
///
/// # Errors
/// [`TensorProblem`] of a shape that its encoding cannot hold, or of an encoding that this writes not.
pub fn header(pairs: &[(String, Value)], tensors: &[Planned]) -> Result<Vec<u8>, TensorProblem> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    for (key, value) in pairs {
        text(key, &mut bytes);
        scalar(value, &mut bytes);
    }
    let mut offset = 0_u64;
    for Planned { name, shape, encoding } in tensors {
        let code: u32 = match encoding {
            Encoding::F32 => 0,
            Encoding::F16 => 1,
            Encoding::Q4_0 => 2,
            Encoding::Q8_0 => 8,
            other => return Err(TensorProblem::UnknownEncoding(format!("{other:?}"))),
        };
        text(name, &mut bytes);
        let dimensions = u32::try_from(shape.len()).map_err(|_| TensorProblem::TooLarge)?;
        bytes.extend(dimensions.to_le_bytes());
        shape.iter().rev().for_each(|size| bytes.extend((*size as u64).to_le_bytes()));
        bytes.extend(code.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        offset += encoding.bytes(shape)?.next_multiple_of(ALIGNMENT as u64);
    }
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
    Ok(bytes)
}

fn text(text: &str, bytes: &mut Vec<u8>) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Kind and value; counts are 32 bit wide where they fit, as other readers expect, and floats always.
fn scalar(value: &Value, bytes: &mut Vec<u8>) {
    let mut put = |kind: u32, value: &[u8]| {
        bytes.extend(kind.to_le_bytes());
        bytes.extend_from_slice(value);
    };
    match value {
        Value::Unsigned(number) => match u32::try_from(*number) {
            Ok(number) => put(4, &number.to_le_bytes()),
            Err(_) => put(10, &number.to_le_bytes()),
        },
        Value::Signed(number) => put(11, &number.to_le_bytes()),
        #[expect(clippy::cast_possible_truncation, reason = "the format's floats of models are 32 bit wide")]
        Value::Float(number) => put(6, &(*number as f32).to_le_bytes()),
        Value::Bool(truth) => put(7, &[u8::from(*truth)]),
        Value::Text(content) => {
            put(8, &[]);
            text(content, bytes);
        }
        // An empty list of bytes: no key of ours has one.
        Value::Texts(_) | Value::Numbers(_) => put(9, &[0; 12]),
    }
}
