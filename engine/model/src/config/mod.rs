//! What shape a model has.

/// Which published architecture a model follows; it decides names and order of tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// RMS norm, rotary positions, gated FFN.
    Llama,
    /// Llama's with biases on query, key and value.
    Qwen2,
    /// Layer norm, learned positions, plain FFN, biases everywhere.
    Gpt2,
}

/// The normalisation before each part of a layer and before the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Norm {
    /// Root mean square, gain only.
    Rms {
        /// Added to the mean square.
        epsilon: f32,
    },
    /// Mean and variance, gain and bias.
    Layer {
        /// Added to the variance.
        epsilon: f32,
    },
}

/// Which two elements of a head a rotary position turns together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RopeOrder {
    /// `i` and `i + d/2`, Hugging Face's.
    Halves,
    /// `2i` and `2i + 1`, as GGUF's `llama` stores query and key rows.
    Pairs,
}

/// How a position enters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Position {
    /// Query and key are turned by `position · theta^(-2i/d)`.
    Rope {
        /// Base of the angles.
        theta: f64,
        /// Which elements turn together.
        order: RopeOrder,
    },
    /// A learned row per position is added to the embedding.
    Learned,
}

/// What stands between the matrices of the FFN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FfnActivation {
    /// `x · sigmoid(x)`.
    Silu,
    /// GELU with the tanh approximation.
    GeluTanh,
    /// GELU with the error function.
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

/// Which linear layers add a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Biases {
    /// Query, key and value.
    pub qkv: bool,
    /// The output of attention.
    pub attention_output: bool,
    /// The FFN.
    pub ffn: bool,
}

/// The shape of a decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Names and order of tensors.
    pub family: Family,
    /// Rows of the embedding.
    pub vocabulary: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// Inner width of the FFN.
    pub ffn: usize,
    /// Layers.
    pub layers: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; divides `heads`.
    pub kv_heads: usize,
    /// Elements of a head.
    pub head_size: usize,
    /// Positions that the model was made for.
    pub context: usize,
    /// Normalisation.
    pub norm: Norm,
    /// Positions.
    pub position: Position,
    /// Activation of the FFN.
    pub activation: FfnActivation,
    /// Whether the FFN has a gate beside its input.
    pub gated: bool,
    /// Biases.
    pub biases: Biases,
    /// Whether the head is the embedding.
    pub tied: bool,
    /// Token that begins a text.
    pub beginning: Option<u32>,
    /// Tokens that end one.
    pub end: Vec<u32>,
}

impl Config {
    /// Parameters by shape, the head counted once where it is tied.
    pub fn parameters(&self) -> u64 {
        self.count().unwrap_or(u64::MAX)
    }

    /// `None` on overflow.
    fn count(&self) -> Option<u64> {
        let [vocabulary, hidden, ffn, heads, kv_heads, head_size, context] =
            [self.vocabulary, self.hidden, self.ffn, self.heads, self.kv_heads, self.head_size, self.context]
                .map(|count| count as u64);
        let (queries, keys) = (heads.checked_mul(head_size)?, kv_heads.checked_mul(head_size)?);
        let bias = |has: bool, count: u64| if has { count } else { 0 };
        let projections = queries.checked_mul(2)?.checked_add(keys.checked_mul(2)?)?.checked_mul(hidden)?;
        let attention = projections
            .checked_add(bias(self.biases.qkv, queries + 2 * keys))?
            .checked_add(bias(self.biases.attention_output, hidden))?;
        let inner = if self.gated { 2 } else { 1 };
        let feed = ffn.checked_mul(hidden)?.checked_mul(inner + 1)?;
        let feed = feed.checked_add(bias(self.biases.ffn, ffn * inner + hidden))?;
        let norm = match self.norm {
            Norm::Rms { .. } => hidden,
            Norm::Layer { .. } => 2 * hidden,
        };
        let layers = attention.checked_add(feed)?.checked_add(2 * norm)?.checked_mul(self.layers as u64)?;
        let embedding = vocabulary.checked_mul(hidden)?;
        let head = if self.tied { 0 } else { embedding };
        let positions = if self.position == Position::Learned { context.checked_mul(hidden)? } else { 0 };
        layers.checked_add(norm)?.checked_add(embedding)?.checked_add(head)?.checked_add(positions)
    }
}
