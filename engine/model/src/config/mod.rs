//! What shape a model has, from `config.json` or from the metadata of a GGUF file.

mod error;
mod generation;
mod gguf;
mod hugging_face;
#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use generation::GenerationConfig;

/// Bytes of JSON above which a configuration is refused.
const JSON_BYTES_MAX: usize = 1 << 20;

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

/// The shape of a decoder. Every count is at least one and was held against a bound, heads divide what they split, and
/// the number of parameters fits 2^40.
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
    /// Reads `config.json` as transformers writes it, versions 4 and 5; an absent key has transformers' default.
    ///
    /// # Errors
    /// A [`ConfigError`] that names the key: for what is no number of the right kind or size, and for features that
    /// would change the result and are not computed, such as scaled rotary positions or sliding windows.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ConfigError> {
        hugging_face::read(bytes)?.checked()
    }

    /// Reads the metadata of a GGUF file of the architectures `llama`, `qwen2` and `gpt2`. `has_head`: whether the file
    /// holds `output.weight`; a file without it ties the head to the embedding.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json); GGUF knows few defaults, so an absent key is mostly an error.
    pub fn from_gguf(metadata: &crate::weights::gguf::Metadata, has_head: bool) -> Result<Self, ConfigError> {
        gguf::read(metadata, has_head)?.checked()
    }

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

    /// Holds every count against its bound. The readers do so; a configuration that was put together by hand should.
    ///
    /// # Errors
    /// [`ConfigError::Bound`], [`ConfigError::Indivisible`], [`ConfigError::Range`].
    pub fn checked(self) -> Result<Self, ConfigError> {
        let bounds = [
            ("vocabulary", self.vocabulary, 1 << 22),
            ("hidden size", self.hidden, 1 << 16),
            ("FFN size", self.ffn, 1 << 20),
            ("layer count", self.layers, 1 << 10),
            ("head count", self.heads, 1 << 12),
            ("key and value head count", self.kv_heads, 1 << 12),
            ("head size", self.head_size, 1 << 12),
            ("context", self.context, 1 << 24),
        ];
        for (what, have, limit) in bounds {
            if have == 0 || have > limit {
                return Err(ConfigError::Bound { what, have: have as u64, limit: limit as u64 });
            }
        }
        if !self.heads.is_multiple_of(self.kv_heads) {
            let (what, by) = ("head count", "key and value head count");
            return Err(ConfigError::Indivisible { what, have: self.heads, by, divisor: self.kv_heads });
        }
        if matches!(self.position, Position::Rope { .. }) && !self.head_size.is_multiple_of(2) {
            return Err(ConfigError::Indivisible { what: "head size", have: self.head_size, by: "a pair", divisor: 2 });
        }
        let epsilon = match self.norm {
            Norm::Rms { epsilon } | Norm::Layer { epsilon } => epsilon,
        };
        if !(epsilon > 0.0 && epsilon < 1.0) {
            return Err(ConfigError::Range {
                what: "norm epsilon",
                have: f64::from(epsilon),
                range: "above 0, below 1",
            });
        }
        if let Position::Rope { theta, .. } = self.position
            && !(theta > 1.0 && theta.is_finite())
        {
            return Err(ConfigError::Range { what: "rope theta", have: theta, range: "above 1 and finite" });
        }
        let outside = |id: &u32| *id as usize >= self.vocabulary;
        if let Some(&id) = self.beginning.iter().chain(&self.end).find(|id| outside(id)) {
            let have = u64::from(id);
            return Err(ConfigError::Bound { what: "special token id", have, limit: self.vocabulary as u64 - 1 });
        }
        match self.count() {
            Some(parameters) if parameters <= 1 << 40 => Ok(self),
            parameters => Err(ConfigError::Bound {
                what: "parameter count",
                have: parameters.unwrap_or(u64::MAX),
                limit: 1 << 40,
            }),
        }
    }
}
