//! A run as bytes: weights under the names that transformers gives them, moments, and where the run stands.

use std::collections::BTreeMap;

use frugal_tensor::{Backend, Tensor, blocking_read};

use super::Trainer;
use crate::TrainError;
use crate::safetensors::{self, Entry};

/// Where a run stands, beside what the trainer itself knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps that were taken.
    pub step: u64,
    /// Place in the data, as its reader counts.
    pub cursor: u64,
    /// State of the random numbers by which data are drawn.
    pub random: u64,
    /// Tokens that were learnt from.
    pub tokens: u64,
}

impl Trainer {
    /// Everything by which a run goes on to the same bits: a safetensors file, which also loads as a model where a
    /// configuration stands beside it. `progress.step` is not asked for: the trainer knows it.
    ///
    /// # Errors
    /// [`TrainError::Backend`].
    pub fn checkpoint(&self, backend: &mut dyn Backend, progress: &Progress) -> Result<Vec<u8>, TrainError> {
        let mut entries = self.own_entries(backend)?;
        for (name, tensor) in self.states() {
            entries.push(Entry { name, shape: vec![tensor.rows, tensor.cols], values: self.values(backend, &tensor)? });
        }
        let mut metadata = BTreeMap::from([("format", "pt".to_owned()), ("optimiser", self.rule())]);
        let Progress { cursor, random, tokens, .. } = *progress;
        for (name, value) in [("step", self.step), ("cursor", cursor), ("random", random), ("tokens", tokens)] {
            metadata.insert(name, value.to_string());
        }
        Ok(safetensors::write(entries, &metadata))
    }

    /// The weights alone, adapters added in.
    ///
    /// # Errors
    /// [`TrainError::Backend`].
    pub fn weights(&self, backend: &mut dyn Backend) -> Result<Vec<u8>, TrainError> {
        let merged = self.merged(backend)?;
        let mut entries = Vec::new();
        for parameter in self.decoder.parameters() {
            let Tensor { offset, rows, cols, buffer, .. } = parameter.tensor;
            let values = match merged.iter().find(|(tensor, _)| tensor.buffer == buffer) {
                Some((_, values)) => values[offset..offset + rows * cols].to_vec(),
                None => self.values(backend, &parameter.tensor)?,
            };
            let values = if parameter.turned { turn(&values, rows) } else { values };
            entries.push(Entry { name: parameter.name.clone(), shape: parameter.shape.clone(), values });
        }
        Ok(safetensors::write(entries, &BTreeMap::from([("format", "pt".to_owned())])))
    }

    /// Goes on where a checkpoint was taken.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] for one that is cut off, of another model, or of another optimiser: nothing has
    /// changed then.
    pub fn resume(&mut self, backend: &mut dyn Backend, bytes: &[u8]) -> Result<Progress, TrainError> {
        let file = safetensors::read(bytes)?;
        let number = |name: &str| {
            let text = file.metadata.get(name).map_or("", String::as_str);
            text.parse::<u64>().map_err(|_| wrong(format!("its {name} is `{text}`, not a count")))
        };
        let rule = file.metadata.get("optimiser").map_or("", String::as_str);
        if rule != self.rule() {
            return Err(wrong(format!("it was written with the optimiser `{rule}`, this run has `{}`", self.rule())));
        }
        let progress = Progress {
            step: number("step")?,
            cursor: number("cursor")?,
            random: number("random")?,
            tokens: number("tokens")?,
        };
        let mut places: Vec<(String, Vec<usize>, Tensor, bool)> = self
            .decoder
            .parameters()
            .iter()
            .map(|parameter| (parameter.name.clone(), parameter.shape.clone(), parameter.tensor, parameter.turned))
            .collect();
        let others = self.adapter_tensors().into_iter().chain(self.states());
        places.extend(others.map(|(name, tensor)| (name, vec![tensor.rows, tensor.cols], tensor, false)));
        if file.tensors.len() != places.len() {
            return Err(wrong(format!("it holds {} tensors, {} are due", file.tensors.len(), places.len())));
        }
        let mut found = Vec::new();
        for (name, shape, tensor, turned) in &places {
            let (have, values) = file.tensors.get(name).ok_or_else(|| wrong(format!("it has no `{name}`")))?;
            if have != shape {
                return Err(wrong(format!("`{name}` has the shape {have:?}, {shape:?} is due")));
            }
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(wrong(format!("`{name}` holds {value}")));
            }
            found.push((tensor, if *turned { turn(values, tensor.cols) } else { values.clone() }));
        }
        for (tensor, values) in found {
            backend.write(tensor.buffer, tensor.offset * 4, bytemuck::cast_slice(&values))?;
        }
        self.forget(backend)?;
        self.step = progress.step;
        Ok(progress)
    }

    fn rule(&self) -> String {
        format!("{:?}", self.settings.optimise.rule)
    }

    /// Parameters and adapters as they stand.
    fn own_entries(&self, backend: &mut dyn Backend) -> Result<Vec<Entry>, TrainError> {
        let mut entries = Vec::new();
        for parameter in self.decoder.parameters() {
            let values = self.values(backend, &parameter.tensor)?;
            let values = if parameter.turned { turn(&values, parameter.tensor.rows) } else { values };
            entries.push(Entry { name: parameter.name.clone(), shape: parameter.shape.clone(), values });
        }
        for (name, tensor) in self.adapter_tensors() {
            entries.push(Entry { name, shape: vec![tensor.rows, tensor.cols], values: self.values(backend, &tensor)? });
        }
        Ok(entries)
    }

    fn adapter_tensors(&self) -> Vec<(String, Tensor)> {
        let both = |adapter: &crate::network::Adapter| {
            [("lora_down", adapter.down), ("lora_up", adapter.up)]
                .map(|(part, tensor)| (format!("{}.{part}", adapter.name), tensor))
        };
        self.adapters.iter().flat_map(both).collect()
    }

    fn states(&self) -> Vec<(String, Tensor)> {
        self.learnt.iter().map(|learnt| (format!("optimiser.{}", learnt.name), learnt.state)).collect()
    }

    /// Whole matrices with their adapters added in.
    #[allow(clippy::cast_possible_truncation)] // weights are f32
    pub(super) fn merged(&self, backend: &mut dyn Backend) -> Result<Vec<(Tensor, Vec<f32>)>, TrainError> {
        let mut all = Vec::new();
        for adapter in &self.adapters {
            let (rows, cols, rank) = (adapter.up.rows, adapter.down.cols, adapter.down.rows);
            let weight = Tensor::dense(adapter.of, rows, cols, adapter.up.dtype);
            let mut values = self.values(backend, &weight)?;
            let (up, down) = (self.values(backend, &adapter.up)?, self.values(backend, &adapter.down)?);
            for (at, value) in values.iter_mut().enumerate() {
                let (row, col) = (at / cols, at % cols);
                let inner = (0..rank).map(|k| f64::from(up[row * rank + k]) * f64::from(down[k * cols + col]));
                *value = (f64::from(*value) + f64::from(adapter.factor) * inner.sum::<f64>()) as f32;
            }
            all.push((weight, values));
        }
        Ok(all)
    }

    /// The elements of a dense tensor.
    pub(super) fn values(&self, backend: &mut dyn Backend, tensor: &Tensor) -> Result<Vec<f32>, TrainError> {
        let mut values = vec![0.0_f32; tensor.rows * tensor.cols];
        blocking_read(backend, tensor.buffer, tensor.offset * 4, bytemuck::cast_slice_mut(&mut values))?;
        Ok(values)
    }
}

fn wrong(what: String) -> TrainError {
    TrainError::Checkpoint { what }
}

/// The transpose of a matrix of so many rows.
fn turn(values: &[f32], rows: usize) -> Vec<f32> {
    let cols = values.len() / rows.max(1);
    (0..values.len()).map(|at| values[at % rows * cols + at / rows]).collect()
}
