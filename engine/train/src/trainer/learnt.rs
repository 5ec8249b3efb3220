//! Which parameters are learnt, and what belongs to each.

use frugal_model::decoder::Decoder;
use frugal_tensor::{Backend, BackendError, DType, Memory, Tensor};

use super::Settings;
use crate::TrainError;
use crate::network::{Adapter, Memories};

/// A matrix that is learnt, with all its rows as one.
#[derive(Debug, Clone)]
pub(super) struct Learnt {
    /// The first of its parts' names.
    pub(super) name: String,
    /// `[1, n]`.
    pub(super) weight: Tensor,
    /// `[1, n]`.
    pub(super) gradient: Tensor,
    /// `[state_rows, n]`.
    pub(super) state: Tensor,
    pub(super) decays: bool,
}

/// Whole matrices whose parts' names contain one of `patterns`, each with its first name. A pattern must name something,
/// and of a matrix all parts or none.
pub(crate) fn matrices(decoder: &Decoder, patterns: &[String]) -> Result<Vec<(String, Tensor)>, TrainError> {
    let parameters = decoder.parameters();
    for pattern in patterns {
        if !parameters.iter().any(|parameter| parameter.name.contains(pattern)) {
            let first = parameters.first().map_or_else(String::new, |parameter| parameter.name.clone());
            return Err(TrainError::NoSuchParameter { pattern: pattern.clone(), first });
        }
    }
    let mut all: Vec<(String, Tensor)> = Vec::new();
    for parameter in parameters {
        let Some(pattern) = patterns.iter().find(|pattern| parameter.name.contains(*pattern)) else { continue };
        let buffer = parameter.tensor.buffer;
        let parts = || parameters.iter().filter(|other| other.tensor.buffer == buffer);
        if let Some(other) = parts().find(|other| !patterns.iter().any(|pattern| other.name.contains(pattern))) {
            let (name, other) = (parameter.name.clone(), other.name.clone());
            return Err(TrainError::PartOfMatrix { pattern: pattern.clone(), name, other });
        }
        if all.iter().all(|(_, known)| known.buffer != buffer) {
            let rows = parts().map(|part| part.tensor.rows).sum();
            all.push((parameter.name.clone(), Tensor { offset: 0, rows, ..parameter.tensor }));
        }
    }
    Ok(all)
}

impl Learnt {
    pub(super) fn all(
        decoder: &Decoder,
        adapters: &[Adapter],
        settings: &Settings,
        memories: &mut Memories,
        backend: &mut dyn Backend,
    ) -> Result<Vec<Self>, TrainError> {
        let frozen = matrices(decoder, &settings.frozen)?;
        let mut all = Vec::new();
        let mut add = |name: String, tensor: Tensor| -> Result<(), BackendError> {
            let n = tensor.rows * tensor.cols;
            let rows = settings.optimise.rule.state_rows();
            let mut make = |rows: usize| -> Result<Tensor, BackendError> {
                Ok(Tensor::dense(memories.bytes(backend, rows * n * 4, Memory::Weights)?, rows, n, DType::F32))
            };
            let (gradient, state) = (make(1)?, make(rows)?);
            let weight = Tensor::dense(tensor.buffer, 1, n, DType::F32);
            let decays = settings.optimise.decay_vectors || tensor.cols > 1;
            all.push(Self { name, weight, gradient, state, decays });
            Ok(())
        };
        if settings.lora.is_some() {
            for adapter in adapters {
                add(format!("{}.lora_down", adapter.name), adapter.down)?;
                add(format!("{}.lora_up", adapter.name), adapter.up)?;
            }
        } else {
            for (name, tensor) in matrices(decoder, &[String::new()])? {
                if tensor.dtype != DType::F32 {
                    return Err(TrainError::Storage { name, dtype: format!("{:?}", tensor.dtype) });
                }
                if frozen.iter().all(|(_, other)| other.buffer != tensor.buffer) {
                    add(name, tensor)?;
                }
            }
        }
        if all.is_empty() { Err(TrainError::AllFrozen) } else { Ok(all) }
    }
}
