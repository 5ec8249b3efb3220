//! The closed set of operators. What each one computes stands in `cpu/<op>.rs`.

use crate::{TensorId, Train};

/// What [`Op::Argmax`] gives for a row that holds no finite number: a column that no tensor has.
pub const NO_COLUMN: u32 = u32::MAX;

/// Which elements of a head RoPE rotates together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RopeLayout {
    /// Element `i` with `i + half`: Llama, Qwen2 and most checkpoints.
    Half,
    /// Element `2i` with `2i + 1`: the original form.
    Interleaved,
}

/// Elementwise functions of feed-forward layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x / (1 + exp(-x))`.
    Silu,
    /// `x/2 · (1 + erf(x/√2))`.
    GeluErf,
    /// `x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))`, which GPT-2 calls `gelu_new`.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
}

/// Causal attention of some rows over a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attention {
    /// `[rows, heads · head_dim]`.
    pub q: TensorId,
    /// `[slots · context, kv_heads · head_dim]`, f32 or f16.
    pub keys: TensorId,
    /// As `keys`.
    pub values: TensorId,
    /// `[rows, 1]`, u32: a row sees positions `0..=position` of its slot.
    pub positions: TensorId,
    /// `[rows, 1]`, u32: whose cache a row reads.
    pub slots: TensorId,
    /// `[rows, heads · head_dim]`.
    pub out: TensorId,
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`. Query head `h` reads `h · kv_heads / heads`.
    pub kv_heads: usize,
    /// Positions per slot.
    pub context: usize,
    /// Factor on each score, usually `1/√head_dim`.
    pub scale: f32,
    /// When set, a row sees at most so many positions, its own included.
    pub window: Option<u32>,
}

/// One operator over the tensors of a plan.
///
/// An output shares no memory with what the operator reads, except where the operator works in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Op {
    /// `out[r] = table[rows[r]]`, or `out[r] += …`: embeddings, learned positions, the rows whose logits are wanted.
    Gather {
        /// `[n, cols]`, any dtype but u32.
        table: TensorId,
        /// `[rows, 1]`, u32, each below `n`.
        rows: TensorId,
        /// `[rows, cols]`.
        out: TensorId,
        /// Add to what stands in `out`.
        accumulate: bool,
    },
    /// Root-mean-square normalisation of each row.
    RmsNorm {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[1, cols]`.
        gain: TensorId,
        /// Added to the mean square; above 0.
        eps: f32,
        /// `[rows, cols]`.
        out: TensorId,
    },
    /// Normalisation of each row to mean 0 and variance 1, then gain and bias.
    LayerNorm {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[1, cols]`.
        gain: TensorId,
        /// `[1, cols]`.
        bias: Option<TensorId>,
        /// Added to the variance; above 0.
        eps: f32,
        /// `[rows, cols]`.
        out: TensorId,
    },
    /// `out = x · weightᵀ + bias`, or `out += …`.
    Linear {
        /// `[rows, in]`.
        x: TensorId,
        /// `[out, in]`, any dtype but u32.
        weight: TensorId,
        /// `[1, out]`.
        bias: Option<TensorId>,
        /// `[rows, out]`.
        out: TensorId,
        /// Add to what stands in `out`: a residual.
        accumulate: bool,
    },
    /// Rotary positions, in place, on every head of `x`.
    Rope {
        /// `[rows, heads · head_dim]`.
        x: TensorId,
        /// `[rows, 1]`, u32, each below the rows of `table`.
        positions: TensorId,
        /// `[context, rotary_dim]`: cosines in the first half of a row, sines in the second.
        table: TensorId,
        /// Elements per head; the first `rotary_dim` of them turn.
        head_dim: usize,
        /// Which elements turn together.
        layout: RopeLayout,
    },
    /// Copies row `r` of `x` to row `slots[r] · context + positions[r]` of a cache.
    CacheWrite {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[rows, 1]`, u32, each below `context`.
        positions: TensorId,
        /// `[rows, 1]`, u32.
        slots: TensorId,
        /// `[slots · context, cols]`, f32 or f16.
        cache: TensorId,
        /// Positions per slot.
        context: usize,
    },
    /// Causal attention over a cache; grouped, multi-query and multi-head by its head counts.
    Attention(Attention),
    /// `out = f(x)`, element by element.
    Activate {
        /// `[rows, cols]`.
        x: TensorId,
        /// The function.
        activation: Activation,
        /// `[rows, cols]`.
        out: TensorId,
    },
    /// `out[r, c] = f(x[r, c]) · x[r, cols + c]`: the gate stands in the first half of each row.
    Gated {
        /// `[rows, 2 · cols]`.
        x: TensorId,
        /// The function.
        activation: Activation,
        /// `[rows, cols]`.
        out: TensorId,
    },
    /// The column of each row's largest finite element, the lowest one on ties; [`NO_COLUMN`] for a row without one.
    Argmax {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[rows, 1]`, u32.
        out: TensorId,
    },
    /// One of the operators that only training needs.
    Train(Train),
}

impl From<Train> for Op {
    fn from(op: Train) -> Self {
        Self::Train(op)
    }
}

impl Op {
    /// The tensor that the operator writes.
    pub fn output(&self) -> TensorId {
        match *self {
            Self::Gather { out, .. }
            | Self::RmsNorm { out, .. }
            | Self::LayerNorm { out, .. }
            | Self::Linear { out, .. }
            | Self::Activate { out, .. }
            | Self::Gated { out, .. }
            | Self::Argmax { out, .. }
            | Self::Attention(Attention { out, .. }) => out,
            Self::Rope { x, .. } => x,
            Self::CacheWrite { cache, .. } => cache,
            Self::Train(op) => op.output(),
        }
    }

    /// The tensors that the operator only reads.
    pub fn inputs(&self) -> Vec<TensorId> {
        match *self {
            Self::Gather { table, rows, .. } => vec![table, rows],
            Self::RmsNorm { x, gain, .. } => vec![x, gain],
            Self::LayerNorm { x, gain, bias, .. } => [Some(x), Some(gain), bias].into_iter().flatten().collect(),
            Self::Linear { x, weight, bias, .. } => [Some(x), Some(weight), bias].into_iter().flatten().collect(),
            Self::Rope { positions, table, .. } => vec![positions, table],
            Self::CacheWrite { x, positions, slots, .. } => vec![x, positions, slots],
            Self::Attention(Attention { q, keys, values, positions, slots, .. }) => {
                vec![q, keys, values, positions, slots]
            }
            Self::Activate { x, .. } | Self::Gated { x, .. } | Self::Argmax { x, .. } => vec![x],
            Self::Train(op) => op.inputs(),
        }
    }

    /// The same operator over tensors of other names.
    #[must_use]
    pub fn renamed(&self, name: impl Fn(TensorId) -> TensorId) -> Self {
        let mut op = *self;
        for id in op.ids_mut() {
            *id = name(*id);
        }
        op
    }

    fn ids_mut(&mut self) -> Vec<&mut TensorId> {
        match self {
            Self::Gather { table, rows, out, .. } => vec![table, rows, out],
            Self::RmsNorm { x, gain, out, .. } => vec![x, gain, out],
            Self::LayerNorm { x, gain, bias, out, .. } => {
                [Some(x), Some(gain), bias.as_mut(), Some(out)].into_iter().flatten().collect()
            }
            Self::Linear { x, weight, bias, out, .. } => {
                [Some(x), Some(weight), bias.as_mut(), Some(out)].into_iter().flatten().collect()
            }
            Self::Rope { x, positions, table, .. } => vec![x, positions, table],
            Self::CacheWrite { x, positions, slots, cache, .. } => vec![x, positions, slots, cache],
            Self::Attention(Attention { q, keys, values, positions, slots, out, .. }) => {
                vec![q, keys, values, positions, slots, out]
            }
            Self::Activate { x, out, .. } | Self::Gated { x, out, .. } | Self::Argmax { x, out } => vec![x, out],
            Self::Train(op) => op.ids_mut(),
        }
    }

    /// The operator's name, as in its file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gather { .. } => "gather",
            Self::RmsNorm { .. } => "rms_norm",
            Self::LayerNorm { .. } => "layer_norm",
            Self::Linear { .. } => "linear",
            Self::Rope { .. } => "rope",
            Self::CacheWrite { .. } => "cache_write",
            Self::Attention(_) => "attention",
            Self::Activate { .. } => "activate",
            Self::Gated { .. } => "gated",
            Self::Argmax { .. } => "argmax",
            Self::Train(op) => op.name(),
        }
    }
}
