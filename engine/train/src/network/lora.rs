//! Low-rank adapters (Hu et al. 2021, LoRA): a property of a weight.

use frugal_model::decoder::Decoder;
use frugal_tensor::{Backend, BackendError, BufferId, DType, Memory, Tensor};

use super::Memories;
use crate::{Random, TrainError};

/// Which weights are learnt through a product of two narrow matrices, while they themselves stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Lora {
    /// Inner width of the product.
    pub rank: usize,
    /// The product is multiplied by `alpha / rank`.
    pub alpha: f64,
    /// Parts of the names of the weights.
    pub targets: Vec<String>,
    /// Of what the first matrix is filled with.
    pub seed: u64,
}

/// The adapter of one weight: `out += factor · x · downᵀ · upᵀ`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adapter {
    /// Names of the weight's parts, joined.
    pub(crate) name: String,
    pub(crate) of: BufferId,
    /// `[rank, in]`, uniform with variance `1/(3 · in)`.
    pub(crate) down: Tensor,
    /// `[out, rank]`, zeros at first.
    pub(crate) up: Tensor,
    pub(crate) factor: f32,
}

impl Adapter {
    #[allow(clippy::cast_possible_truncation)] // weights are f32
    pub(crate) fn all(
        lora: &Lora,
        decoder: &Decoder,
        memories: &mut Memories,
        backend: &mut dyn Backend,
    ) -> Result<Vec<Self>, TrainError> {
        let mut random = Random::new(lora.seed);
        let mut all: Vec<Self> = Vec::new();
        for (name, tensor) in super::super::trainer::matrices(decoder, &lora.targets)? {
            // An embedding is read by rows, not multiplied; biases and gains are vectors.
            if tensor.cols == 1 || tensor.buffer == decoder.embedding().buffer {
                continue;
            }
            let mut matrix = |rows: usize, cols: usize| -> Result<Tensor, BackendError> {
                let buffer = memories.bytes(backend, rows * cols * 4, Memory::Weights)?;
                Ok(Tensor::dense(buffer, rows, cols, DType::F32))
            };
            let (down, up) = (matrix(lora.rank, tensor.cols)?, matrix(tensor.rows, lora.rank)?);
            let spread = (tensor.cols as f64).sqrt().recip();
            let values: Vec<f32> =
                (0..lora.rank * tensor.cols).map(|_| ((2.0 * random.unit() - 1.0) * spread) as f32).collect();
            backend.write(down.buffer, 0, bytemuck::cast_slice(&values))?;
            let factor = (lora.alpha / lora.rank as f64) as f32;
            all.push(Self { name, of: tensor.buffer, down, up, factor });
        }
        Ok(all)
    }
}
