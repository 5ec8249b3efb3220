//! Which parameters a decoder has, and what they are called.

use frugal_nn::attention::Grouped;
use frugal_nn::{Ffn, Linear, Norm, rope};
use frugal_tensor::{Activation, BufferId, RopeLayout, Tensor};

use super::load::{Allocation, LoadError, MatrixOrder, Precision, WeightType};
use super::{Decoder, Layer, Parameter};
use crate::config::{Config, Family, FfnActivation, Norm as NormKind, Position, RopeOrder};

/// A decoder without the list of its buffers.
#[derive(Debug)]
pub(super) struct Parts {
    config: Config,
    context: usize,
    embedding: Tensor,
    positions: Option<Tensor>,
    layers: Vec<Layer>,
    norm: Norm,
    head: Linear,
}

impl Parts {
    pub(super) fn into_decoder(self, buffers: Vec<BufferId>, parameters: Vec<Parameter>) -> Decoder {
        let Self { config, context, embedding, positions, layers, norm, head } = self;
        Decoder { config, context, embedding, positions, layers, norm, head, buffers, parameters }
    }
}

/// Names of a family's tensors.
struct Names {
    embedding: &'static str,
    positions: &'static str,
    layer: &'static str,
    attention_norm: &'static str,
    query_key_value: &'static [&'static str],
    attention_output: &'static str,
    ffn_norm: &'static str,
    /// Gate and up where there is a gate.
    ffn_in: &'static [&'static str],
    ffn_out: &'static str,
    norm: &'static str,
    head: &'static str,
}

const LLAMA: Names = Names {
    embedding: "model.embed_tokens",
    positions: "",
    layer: "model.layers",
    attention_norm: "input_layernorm",
    query_key_value: &["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    attention_output: "self_attn.o_proj",
    ffn_norm: "post_attention_layernorm",
    ffn_in: &["mlp.gate_proj", "mlp.up_proj"],
    ffn_out: "mlp.down_proj",
    norm: "model.norm",
    head: "lm_head",
};

const GPT2: Names = Names {
    embedding: "transformer.wte",
    positions: "transformer.wpe",
    layer: "transformer.h",
    attention_norm: "ln_1",
    query_key_value: &["attn.c_attn"],
    attention_output: "attn.c_proj",
    ffn_norm: "ln_2",
    ffn_in: &["mlp.c_fc"],
    ffn_out: "mlp.c_proj",
    norm: "transformer.ln_f",
    head: "lm_head",
};

/// Allocates every parameter and computes tables.
pub(super) fn assemble(
    config: &Config,
    context: usize,
    order: MatrixOrder,
    precision: Precision,
    made: &mut Allocation<'_>,
) -> Result<Parts, LoadError> {
    let names = if config.family == Family::Gpt2 { &GPT2 } else { &LLAMA };
    let turned = order == MatrixOrder::Transformers && config.family == Family::Gpt2;
    let context = context.min(config.context);
    let hidden = config.hidden;
    let whole = |name: &str, rows| [(format!("{name}.weight"), rows)];
    let embedding = made.matrix(&whole(names.embedding, config.vocabulary), hidden, precision.embedding, false)?;
    let (mut positions, mut turns) = (None, None);
    match config.position {
        Position::Learned => {
            let weight = WeightType::F32;
            positions = Some(made.matrix(&whole(names.positions, config.context), hidden, weight, false)?);
        }
        Position::Rope { theta, order } => {
            let table = rope::table(context, &rope::frequencies(theta, config.head_size, None));
            let layout = match order {
                RopeOrder::Halves => RopeLayout::Half,
                RopeOrder::Pairs => RopeLayout::Interleaved,
            };
            turns = Some((made.table(context, &table)?, layout));
        }
    }
    let mut assembly = Assembly { config, names, turned, weight: precision.matrices, made };
    let mut layers = Vec::new();
    for layer in 0..config.layers {
        layers.push(assembly.layer(layer, turns)?);
    }
    let norm = assembly.norm(names.norm)?;
    let head = if config.tied {
        embedding
    } else {
        assembly.made.matrix(&whole(names.head, config.vocabulary), hidden, precision.matrices, false)?
    };
    let head = Linear { weight: head, bias: None };
    Ok(Parts { config: config.clone(), context, embedding, positions, layers, norm, head })
}

struct Assembly<'a, 'b> {
    config: &'a Config,
    names: &'a Names,
    turned: bool,
    weight: WeightType,
    made: &'a mut Allocation<'b>,
}

impl Assembly<'_, '_> {
    fn layer(&mut self, layer: usize, rope: Option<(Tensor, RopeLayout)>) -> Result<Layer, LoadError> {
        let (config, names) = (self.config, self.names);
        let name = |part: &str| format!("{}.{layer}.{part}", names.layer);
        let all = |parts: &[&str]| parts.iter().map(|part| name(part)).collect::<Vec<_>>();
        let attention_norm = self.norm(&name(names.attention_norm))?;
        let (wide, narrow) = (config.heads * config.head_size, config.kv_heads * config.head_size);
        // One tensor of all rows, or three.
        let rows = if names.query_key_value.len() == 1 { vec![wide + 2 * narrow] } else { vec![wide, narrow, narrow] };
        let query_key_value = self.linear(&all(names.query_key_value), &rows, config.hidden, config.biases.qkv)?;
        let biased = config.biases.attention_output;
        let output = self.linear(&all(&[names.attention_output]), &[config.hidden], wide, biased)?;
        let ffn_norm = self.norm(&name(names.ffn_norm))?;
        let ffn_in = all(names.ffn_in);
        let rows = vec![config.ffn; ffn_in.len()];
        let wide_ffn = self.linear(&ffn_in, &rows, config.hidden, config.biases.ffn)?;
        let down = self.linear(&all(&[names.ffn_out]), &[config.hidden], config.ffn, config.biases.ffn)?;
        let activation = match config.activation {
            FfnActivation::Silu => Activation::Silu,
            FfnActivation::GeluTanh => Activation::GeluTanh,
            FfnActivation::Gelu => Activation::GeluErf,
            FfnActivation::Relu => Activation::Relu,
        };
        let attention = Grouped {
            heads: config.heads,
            kv_heads: config.kv_heads,
            head_dim: config.head_size,
            query_key_value,
            output,
            rope,
            window: None,
        };
        let ffn = if config.gated {
            Ffn::Gated { gate_up: wide_ffn, down, activation }
        } else {
            Ffn::Plain { up: wide_ffn, down, activation }
        };
        Ok(Layer { attention_norm, attention, ffn_norm, ffn })
    }

    fn linear(&mut self, names: &[String], rows: &[usize], cols: usize, biased: bool) -> Result<Linear, LoadError> {
        let of = |kind: &str| {
            names.iter().zip(rows).map(|(name, rows)| (format!("{name}.{kind}"), *rows)).collect::<Vec<_>>()
        };
        let weight = self.made.matrix(&of("weight"), cols, self.weight, self.turned)?;
        let bias = if biased { Some(self.made.vector(&of("bias"))?) } else { None };
        Ok(Linear { weight, bias })
    }

    fn norm(&mut self, name: &str) -> Result<Norm, LoadError> {
        let hidden = self.config.hidden;
        let gain = self.made.vector(&[(format!("{name}.weight"), hidden)])?;
        Ok(match self.config.norm {
            NormKind::Rms { epsilon } => Norm::Rms { gain, eps: epsilon },
            NormKind::Layer { epsilon } => {
                let bias = Some(self.made.vector(&[(format!("{name}.bias"), hidden)])?);
                Norm::Layer { gain, bias, eps: epsilon }
            }
        })
    }
}
