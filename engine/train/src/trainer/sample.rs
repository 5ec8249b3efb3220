use std::task::{Context, Poll, Waker};

use frugal_decode::{GenerateError, Generator, Limits, Sampling, SequenceEvent, SequenceRequest};
use frugal_tensor::{Backend, DType};

use super::Trainer;
use crate::TrainError;

impl Trainer {
    /// Goes on from `prompt` with the weights as they are now, adapters included, for at most `max_tokens` tokens or to
    /// one of `end`, which is part of the answer.
    ///
    /// # Errors
    /// [`TrainError::Setting`] for a prompt that cannot be taken; [`TrainError::Backend`].
    pub fn sample(
        &mut self,
        backend: &mut dyn Backend,
        prompt: &[u32],
        max_tokens: usize,
        end: &[u32],
        sampling: &Sampling,
    ) -> Result<Vec<u32>, TrainError> {
        let merged = self.merged(backend)?;
        let kept = merged.iter().map(|(tensor, _)| self.values(backend, tensor)).collect::<Result<Vec<_>, _>>()?;
        for (tensor, values) in &merged {
            backend.write(tensor.buffer, 0, bytemuck::cast_slice(values))?;
        }
        let result = self.generate(backend, prompt, max_tokens, end, sampling);
        for ((tensor, _), values) in merged.iter().zip(kept) {
            backend.write(tensor.buffer, 0, bytemuck::cast_slice(&values))?;
        }
        result
    }

    fn generate(
        &self,
        backend: &mut dyn Backend,
        prompt: &[u32],
        max_tokens: usize,
        end: &[u32],
        sampling: &Sampling,
    ) -> Result<Vec<u32>, TrainError> {
        let limits = Limits { slots: 1, context: self.decoder.context(), chunk: 64, cache: DType::F32 };
        let mut generator = Generator::new(self.decoder.shared(), limits, backend)?;
        let request = SequenceRequest {
            prompt: prompt.to_vec(),
            max_tokens,
            end: end.to_vec(),
            sampling: *sampling,
            logprobs: None,
        };
        let started = generator.start(request, 0.0).map_err(refused);
        let mut events = Vec::new();
        let mut result = started.map(drop);
        while result.is_ok() && generator.running() > 0 {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(Err(error)) = generator.poll(backend, &mut context, &mut || 0.0, &mut events) {
                result = Err(error.into());
            }
        }
        generator.free(backend)?;
        result?;
        let token = |event| match event {
            SequenceEvent::Token { token, .. } => Some(token),
            _ => None,
        };
        Ok(events.into_iter().filter_map(token).collect())
    }
}

fn refused(error: GenerateError) -> TrainError {
    crate::error::setting("the prompt", "refused", error.to_string())
}
