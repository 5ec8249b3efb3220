use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Names and order of a decoder's tensors, with what comes with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// RMSNorm, rotary positions, gated FFN, no biases.
    Llama,
    /// As Llama, with biases on queries, keys and values.
    Qwen2,
    /// LayerNorm, learned positions, plain FFN, biases.
    Gpt2,
}

/// Activation of the FFN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x · sigmoid(x)`.
    Silu,
    /// The exact form.
    Gelu,
    /// The tanh form, which GPT-2 was trained with.
    GeluNew,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    fn name(self) -> &'static str {
        match self {
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::GeluNew => "gelu_new",
            Self::Relu => "relu",
        }
    }
}

/// Shape of a decoder that is made new.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    /// Names and order of tensors.
    pub family: Family,
    /// Layers.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Query heads; divides `hidden`.
    pub heads: u32,
    /// Key and value heads; divides `heads`, which it is when it is not given.
    pub kv_heads: Option<u32>,
    /// Inner width of the FFN.
    pub ffn: u32,
    /// Positions.
    pub context: u32,
    /// Whether the head is the embedding.
    pub tied: bool,
    /// Activation; the family's own when it is not given.
    pub activation: Option<Activation>,
}

impl Architecture {
    /// `config.json` in the form that transformers writes, for a vocabulary of `vocabulary` tokens of which `end` ends a text.
    pub fn config_json(&self, vocabulary: usize, end: Option<u32>) -> Value {
        let activation = |own: Activation| self.activation.unwrap_or(own).name();
        if self.family == Family::Gpt2 {
            return json!({
                "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": vocabulary,
                "n_positions": self.context, "n_embd": self.hidden, "n_layer": self.layers, "n_head": self.heads,
                "n_inner": self.ffn, "activation_function": activation(Activation::GeluNew),
                "tie_word_embeddings": self.tied, "layer_norm_epsilon": 1e-5, "bos_token_id": null, "eos_token_id": end,
            });
        }
        let (architecture, model_type) = match self.family {
            Family::Qwen2 => ("Qwen2ForCausalLM", "qwen2"),
            Family::Llama | Family::Gpt2 => ("LlamaForCausalLM", "llama"),
        };
        json!({
            "architectures": [architecture], "model_type": model_type, "vocab_size": vocabulary,
            "max_position_embeddings": self.context, "hidden_size": self.hidden, "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads, "num_key_value_heads": self.kv_heads.unwrap_or(self.heads),
            "head_dim": self.hidden / self.heads.max(1), "intermediate_size": self.ffn, "hidden_act": activation(Activation::Silu),
            "tie_word_embeddings": self.tied, "rms_norm_eps": 1e-5,
            "rope_parameters": { "rope_theta": 10000.0, "rope_type": "default" },
            "bos_token_id": null, "eos_token_id": end,
        })
    }
}
