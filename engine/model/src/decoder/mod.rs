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
}

#[derive(Debug)]
struct Layer {
    attention_norm: Norm,
    attention: Grouped,
    ffn_norm: Norm,
    ffn: Ffn,
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

    /// Gives its parameters' memory back.
    ///
    /// # Errors
    /// As [`Backend::free`]; what follows the buffer in question stays allocated.
    pub fn free(self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        self.buffers.into_iter().try_for_each(|buffer| backend.free(buffer))
    }
}
