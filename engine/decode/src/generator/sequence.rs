use frugal_tensor::NO_COLUMN;

use super::{Finish, GenerateError, SequenceEvent, SequenceId, SequenceRequest};
use crate::sampling::{Sampler, SamplingError, TokenLogprob, top_logprobs};
use crate::timeline::Clock;

/// One sequence and how far it is.
#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) id: SequenceId,
    /// Prompt and answer.
    pub(super) tokens: Vec<u32>,
    /// Tokens of the prompt.
    pub(super) prompt: usize,
    /// Tokens whose keys and values are in the cache.
    pub(super) computed: usize,
    pub(super) clock: Clock,
    /// Tokens at which it ends.
    length: usize,
    context: usize,
    end: Vec<u32>,
    sampler: Sampler,
    logprobs: Option<usize>,
}

/// Whether a request can be run at all.
pub(super) fn check(request: &SequenceRequest, context: usize, vocabulary: usize) -> Result<(), GenerateError> {
    let prompt = request.prompt.len();
    if prompt == 0 {
        return Err(GenerateError::EmptyPrompt);
    }
    if request.max_tokens == 0 {
        return Err(GenerateError::NoTokens);
    }
    if prompt >= context {
        return Err(GenerateError::PromptTooLong { prompt, context });
    }
    if let Some(&token) = request.prompt.iter().find(|token| **token as usize >= vocabulary) {
        return Err(GenerateError::UnknownToken { token, vocabulary });
    }
    Sampler::new(request.sampling)?;
    Ok(())
}

impl Sequence {
    pub(super) fn new(
        id: SequenceId,
        request: SequenceRequest,
        context: usize,
        vocabulary: usize,
        arrived_ms: f64,
    ) -> Result<Self, GenerateError> {
        check(&request, context, vocabulary)?;
        let SequenceRequest { prompt: tokens, max_tokens, end, sampling, logprobs } = request;
        let prompt = tokens.len();
        Ok(Self {
            id,
            clock: Clock::new(arrived_ms, prompt),
            tokens,
            prompt,
            computed: 0,
            length: prompt.saturating_add(max_tokens),
            context,
            end,
            sampler: Sampler::new(sampling)?,
            logprobs,
        })
    }

    /// Whether its prompt is read.
    pub(super) fn decodes(&self) -> bool {
        self.tokens.len() > self.prompt
    }

    /// Tokens to be computed.
    pub(super) fn waiting(&self) -> usize {
        self.tokens.len() - self.computed
    }

    pub(super) fn needs_logits(&self) -> bool {
        self.logprobs.is_some() || !self.sampler.is_plain_argmax()
    }

    /// Draws from logits.
    pub(super) fn draw(&mut self, logits: &[f32], now_ms: f64) -> SequenceEvent {
        match self.sampler.choose(logits, &self.tokens) {
            Ok(token) => {
                let logprobs = self.logprobs.map(|count| top_logprobs(logits, token, count));
                self.accept(token, logprobs, now_ms)
            }
            Err(error) => SequenceEvent::Failed { id: self.id, error },
        }
    }

    /// Takes the device's choice.
    pub(super) fn take(&mut self, chosen: u32, now_ms: f64) -> SequenceEvent {
        if chosen == NO_COLUMN {
            return SequenceEvent::Failed { id: self.id, error: SamplingError::NoNumber };
        }
        self.accept(chosen, None, now_ms)
    }

    /// Takes a token.
    fn accept(
        &mut self,
        token: u32,
        logprobs: Option<(TokenLogprob, Vec<TokenLogprob>)>,
        now_ms: f64,
    ) -> SequenceEvent {
        self.clock.token(now_ms);
        self.tokens.push(token);
        let finish = if self.end.contains(&token) {
            Some(Finish::End)
        } else if self.tokens.len() >= self.length {
            Some(Finish::Length)
        } else if self.tokens.len() > self.context {
            // The newest token has no position left to be computed at.
            Some(Finish::ContextFull)
        } else {
            None
        };
        let finish = finish.map(|finish| (finish, self.clock.timeline()));
        SequenceEvent::Token { id: self.id, token, logprobs, finish }
    }
}
