//! A decoder: embedding, layers of attention and FFN, norm, head; of the shapes of Llama, Qwen2 and GPT-2.

mod load;
mod parts;
mod random;
mod step;
#[cfg(test)]
mod tests;

use frugal_nn::attention::Grouped;
use frugal_nn::{Ffn, Linear, Norm};
use frugal_tensor::{Backend, BackendError, BufferId, Tensor};

use crate::config::Config;

pub use load::{LoadError, Loader, MatrixOrder, Precision, WeightType};
pub use step::{Step, StepInput};

/// A network whose parameters lie in a backend's memory.
#[derive(Debug)]
pub struct Decoder {
    config: Config,
    /// Positions that tables and learned rows cover.
    context: usize,
    embedding: Tensor,
    /// `[context, hidden]`, added to the embedding.
    positions: Option<Tensor>,
    layers: Vec<Layer>,
    norm: Norm,
    head: Linear,
    buffers: Vec<BufferId>,
    parameters: Vec<Parameter>,
}

/// One layer: attention and FFN, each behind a norm and added to what it read.
#[derive(Debug, Clone, Copy)]
pub struct Layer {
    /// Before the attention.
    pub attention_norm: Norm,
    /// Attention.
    pub attention: Grouped,
    /// Before the FFN.
    pub ffn_norm: Norm,
    /// FFN.
    pub ffn: Ffn,
}

/// A named parameter, and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As in transformers' files.
    pub name: String,
    /// As there.
    pub shape: Vec<usize>,
    /// Its rows, output by input; of one column where it is a vector.
    pub tensor: Tensor,
    /// Whether files hold it input by output.
    pub turned: bool,
}

impl Decoder {
    /// What it was loaded from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Positions that it can tell apart: at most the configuration's.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Columns of keys, and of values, of one layer's cache.
    pub fn cache_cols(&self) -> usize {
        self.config.kv_heads * self.config.head_size
    }

    /// Elements that one token takes in the caches of all layers.
    pub fn cache_elements_per_token(&self) -> usize {
        self.layers.iter().map(|layer| layer.attention.cache_elements_per_token()).sum()
    }

    /// The same network over the same memory, for a second reader: [`free`](Self::free) gives nothing back of it.
    #[must_use]
    pub fn shared(&self) -> Self {
        Self {
            config: self.config.clone(),
            layers: self.layers.clone(),
            buffers: Vec::new(),
            parameters: self.parameters.clone(),
            ..*self
        }
    }

    /// Its parameters by name, in the order of their names. Several may lie in one buffer, one below the other.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// `[vocabulary, hidden]`.
    pub fn embedding(&self) -> Tensor {
        self.embedding
    }

    /// `[positions, hidden]`, where positions are learnt.
    pub fn positions(&self) -> Option<Tensor> {
        self.positions
    }

    /// Its layers in order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The norm before the head.
    pub fn norm(&self) -> Norm {
        self.norm
    }

    /// `[vocabulary, hidden]`, the embedding itself where they are tied.
    pub fn head(&self) -> Linear {
        self.head
    }

    /// Gives its parameters' memory back.
    ///
    /// # Errors
    /// As [`Backend::free`]; what follows the buffer in question stays allocated.
    pub fn free(self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        self.buffers.into_iter().try_for_each(|buffer| backend.free(buffer))
    }
}
