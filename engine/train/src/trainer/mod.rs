//! A decoder that learns: steps, evaluation, samples, checkpoints.

mod checkpoint;
mod diagnose;
mod learnt;
mod plans;
mod sample;
mod settings;
#[cfg(test)]
mod tests;

pub use checkpoint::Progress;
pub(crate) use learnt::matrices;
pub use settings::{Batch, Evaluation, Optimise, Settings, StepReport};

use frugal_model::decoder::Decoder;
use frugal_tensor::{Backend, COEFFICIENTS, NO_COLUMN, STATISTICS, Tensor, blocking_read};

use crate::error::setting;
use crate::network::{Adapter, Memories};
use crate::objective::RowGradients;
use crate::{TokenStatistics, TrainError};
use learnt::Learnt;
use plans::Plans;

/// A decoder, what of it is learnt, and how.
///
/// Nothing is allocated after it was made, but for checkpoints, samples and what is told.
#[derive(Debug)]
pub struct Trainer {
    decoder: Decoder,
    reference: Option<Decoder>,
    settings: Settings,
    adapters: Vec<Adapter>,
    learnt: Vec<Learnt>,
    plans: Plans,
    memories: Memories,
    /// Steps that were taken.
    step: u64,
    /// Batches since the last step.
    batch: usize,
}

impl Trainer {
    /// Allocates gradients, moments and activations, and prepares every plan. `reference` is what distributions are
    /// held against; its weights never change.
    ///
    /// # Errors
    /// [`TrainError`]; what was allocated here stays with the backend then, since a run without memory is at its end.
    pub fn new(
        decoder: Decoder,
        reference: Option<Decoder>,
        settings: &Settings,
        backend: &mut dyn Backend,
    ) -> Result<Self, TrainError> {
        settings.check(&decoder)?;
        if let Some(reference) = &reference
            && reference.config().vocabulary != decoder.config().vocabulary
        {
            let due = format!("{} are due, as the learner has", decoder.config().vocabulary);
            return Err(setting("the reference's vocabulary", reference.config().vocabulary, due));
        }
        let mut memories = Memories::default();
        let adapters = match &settings.lora {
            Some(lora) => Adapter::all(lora, &decoder, &mut memories, backend)?,
            None => Vec::new(),
        };
        let learnt = Learnt::all(&decoder, &adapters, settings, &mut memories, backend)?;
        let plans = Plans::new(&decoder, reference.as_ref(), &adapters, &learnt, settings, &mut memories, backend)?;
        let settings = settings.clone();
        Ok(Self { decoder, reference, settings, adapters, learnt, plans, memories, step: 0, batch: 0 })
    }

    /// The decoder as it is now. What stands in adapters is not part of it; see [`weights`](Self::weights).
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// Steps that were taken.
    pub fn steps_taken(&self) -> u64 {
        self.step
    }

    /// How many numbers are learnt.
    pub fn learnt_parameters(&self) -> usize {
        self.learnt.iter().map(|learnt| learnt.weight.cols).sum()
    }

    /// Gives all memory back, the decoders' included.
    ///
    /// # Errors
    /// [`TrainError::Backend`].
    pub fn free(self, backend: &mut dyn Backend) -> Result<(), TrainError> {
        self.plans.release(backend)?;
        self.memories.free(backend)?;
        if let Some(reference) = self.reference {
            reference.free(backend)?;
        }
        Ok(self.decoder.free(backend)?)
    }

    /// One step on the mean cross-entropy of all targets of all batches; several batches are accumulated.
    ///
    /// # Errors
    /// [`TrainError`]. After [`TrainError::NotFinite`] weights, moments and step count are as before.
    pub fn step(&mut self, backend: &mut dyn Backend, batches: &[Batch<'_>]) -> Result<StepReport, TrainError> {
        let tokens: usize = batches.iter().map(Batch::counted).sum();
        if tokens == 0 {
            return Err(TrainError::NoTargets { step: self.step + 1 });
        }
        // A batch has far fewer than 2^24 tokens.
        let each = -(tokens as f32).recip();
        let mut loss = 0.0;
        for batch in batches {
            let log_prob = batch.targets.iter().map(|target| if *target == NO_COLUMN { 0.0 } else { each }).collect();
            let coefficients = RowGradients { log_prob, ..RowGradients::zeros(batch.targets.len()) };
            self.feed(backend, batch)?;
            backend.run(self.plans.body, &[])?;
            self.accumulate(backend, &coefficients)?;
            let statistics = self.statistics(backend)?;
            loss -= statistics.log_prob.iter().map(|log_prob| f64::from(*log_prob)).sum::<f64>() / tokens as f64;
        }
        let report = self.apply(backend)?;
        Ok(StepReport { loss, tokens, ..report })
    }

    /// What the decoder, and the reference, say of each target. Of a loss by these numbers,
    /// [`accumulate`](Self::accumulate) takes the gradient.
    ///
    /// # Errors
    /// [`TrainError`].
    pub fn score(&mut self, backend: &mut dyn Backend, batch: &Batch<'_>) -> Result<TokenStatistics, TrainError> {
        self.feed(backend, batch)?;
        if let Some(reference) = self.plans.reference {
            backend.run(reference, &[])?;
        }
        backend.run(self.plans.body, &[])?;
        backend.run(self.plans.score, &[])?;
        self.statistics(backend)
    }

    /// Adds the gradient of a loss to those since the last [`apply`](Self::apply), from the loss's derivatives by the
    /// numbers that [`score`](Self::score) gave last.
    ///
    /// # Errors
    /// [`TrainError`]; [`TrainError::NotFinite`] names the operator that gave the first value that is no number.
    pub fn accumulate(
        &mut self,
        backend: &mut dyn Backend,
        coefficients: &RowGradients<f32>,
    ) -> Result<(), TrainError> {
        let rows = self.settings.sizes.rows();
        if coefficients.rows() != rows {
            return Err(setting("the number of coefficients", coefficients.rows(), format!("{rows} are due")));
        }
        let mut values = Vec::with_capacity(rows * COEFFICIENTS);
        for row in 0..rows {
            values.extend([
                coefficients.log_prob[row],
                coefficients.kl_ref_policy[row],
                coefficients.kl_policy_ref[row],
            ]);
        }
        backend.write(self.plans.coefficients.buffer, 0, bytemuck::cast_slice(&values))?;
        backend.run(self.plans.backward, &[])?;
        self.batch += 1;
        Ok(())
    }

    /// Clips the gradient's norm, takes one step of the optimiser, and forgets the gradient. The report's loss and
    /// tokens are 0: they are the caller's.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] for a gradient without a norm: nothing has changed then but the gradient, which is
    /// forgotten.
    pub fn apply(&mut self, backend: &mut dyn Backend) -> Result<StepReport, TrainError> {
        let step = self.step + 1;
        let learning_rate = self.settings.rate(step);
        for (row, tensor) in self.settings.rows(step).iter().zip(self.plans.settings) {
            backend.write(tensor.buffer, 0, bytemuck::cast_slice(row))?;
        }
        backend.run(self.plans.update, &[])?;
        let mut squares = [0.0_f32];
        blocking_read(backend, self.plans.squares.buffer, 0, bytemuck::cast_slice_mut(&mut squares))?;
        let batch = std::mem::take(&mut self.batch).saturating_sub(1);
        if !squares[0].is_finite() {
            let op = self.diagnose(backend)?;
            self.forget(backend)?;
            return Err(TrainError::NotFinite { step, batch, op });
        }
        self.step = step;
        let gradient_norm = f64::from(squares[0]).sqrt();
        Ok(StepReport { step, loss: 0.0, tokens: 0, gradient_norm, learning_rate })
    }

    /// The gradient by a parameter since the last [`apply`](Self::apply), output by input; nothing for a parameter that
    /// is not learnt.
    ///
    /// # Errors
    /// [`TrainError::Backend`].
    pub fn gradient(&self, backend: &mut dyn Backend, name: &str) -> Result<Option<Vec<f32>>, TrainError> {
        let parameter = self.decoder.parameters().iter().find(|parameter| parameter.name == name);
        let place = parameter.and_then(|parameter| {
            let learnt = self.learnt.iter().find(|learnt| learnt.weight.buffer == parameter.tensor.buffer)?;
            Some(Tensor { buffer: learnt.gradient.buffer, ..parameter.tensor })
        });
        place.map(|place| self.values(backend, &place)).transpose()
    }

    /// The mean cross-entropy of a batch; nothing is learnt.
    ///
    /// # Errors
    /// [`TrainError`].
    pub fn evaluate(&mut self, backend: &mut dyn Backend, batch: &Batch<'_>) -> Result<Evaluation, TrainError> {
        let tokens = batch.counted();
        if tokens == 0 {
            return Err(TrainError::NoTargets { step: self.step });
        }
        let statistics = self.score(backend, batch)?;
        let sum: f64 = statistics.log_prob.iter().map(|log_prob| f64::from(*log_prob)).sum();
        Ok(Evaluation { loss: -sum / tokens as f64, tokens })
    }

    fn feed(&mut self, backend: &mut dyn Backend, batch: &Batch<'_>) -> Result<(), TrainError> {
        let due = self.settings.sizes.rows();
        let (tokens, targets) = (batch.tokens.len(), batch.targets.len());
        if tokens != due || targets != due {
            return Err(TrainError::Batch { tokens, targets, due });
        }
        for inputs in [Some(self.plans.inputs), self.plans.reference_inputs].into_iter().flatten() {
            backend.write(inputs.tokens, 0, bytemuck::cast_slice(batch.tokens))?;
            backend.write(inputs.targets, 0, bytemuck::cast_slice(batch.targets))?;
        }
        Ok(())
    }

    fn statistics(&mut self, backend: &mut dyn Backend) -> Result<TokenStatistics, TrainError> {
        let mut values = vec![0.0_f32; self.settings.sizes.rows() * STATISTICS];
        blocking_read(backend, self.plans.statistics.buffer, 0, bytemuck::cast_slice_mut(&mut values))?;
        if values.iter().any(|value| !value.is_finite()) {
            let (step, batch) = (self.step + 1, self.batch.saturating_sub(1));
            let op = self.diagnose(backend)?;
            self.forget(backend)?;
            return Err(TrainError::NotFinite { step, batch, op });
        }
        let column = |at: usize| values.chunks_exact(STATISTICS).map(|row| row[at]).collect();
        let [log_prob, reference, entropy, kl_ref_policy, kl_policy_ref] = [0, 1, 2, 3, 4].map(column);
        Ok(TokenStatistics { log_prob, reference, entropy, kl_ref_policy, kl_policy_ref })
    }

    /// Forgets gradients of batches since the last step.
    fn forget(&mut self, backend: &mut dyn Backend) -> Result<(), TrainError> {
        self.batch = 0;
        Ok(backend.run(self.plans.clear, &[])?)
    }
}
