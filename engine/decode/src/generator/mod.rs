//! Several sequences over one model and one cache.

mod sequence;
#[cfg(test)]
mod tests;

use std::task::{Context, Poll};

use frugal_model::decoder::{Decoder, Step, StepInput};
use frugal_tensor::{Backend, BackendError, DType, ReadId};

use crate::cache::FullCache;
use crate::sampling::SamplingError;
use crate::timeline::Timeline;
use crate::{Sampling, TokenLogprob};

use sequence::Sequence;

/// What a generator allocates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sequences that run at once.
    pub slots: usize,
    /// Positions per sequence, prompt and answer together.
    pub context: usize,
    /// Prompt tokens that one step takes at most: a cancel waits for one step.
    pub chunk: usize,
    /// Storage of the cache: f32 or f16.
    pub cache: DType,
}

/// Names a sequence; never used twice by one generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SequenceId(pub u64);

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceRequest {
    /// At least one token.
    pub prompt: Vec<u32>,
    /// Tokens after which to end; at least one.
    pub max_tokens: usize,
    /// Tokens that end the sequence; such a token is reported and is not part of the text.
    pub end: Vec<u32>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// How many of the likeliest tokens to report beside each; `None` reports no log-probabilities.
    pub logprobs: Option<usize>,
}

/// Why a sequence ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model gave one of the end tokens.
    End,
    /// As many tokens as asked for.
    Length,
    /// The context is full.
    ContextFull,
}

/// What happened to a sequence in one step.
#[derive(Debug, Clone, PartialEq)]
pub enum SequenceEvent {
    /// More of the prompt was read.
    Prefill {
        /// Which.
        id: SequenceId,
        /// Prompt tokens read so far.
        done: usize,
        /// Prompt tokens.
        of: usize,
    },
    /// A token came.
    Token {
        /// Which.
        id: SequenceId,
        /// The token.
        token: u32,
        /// Its log-probability and the likeliest tokens, if asked for.
        logprobs: Option<(TokenLogprob, Vec<TokenLogprob>)>,
        /// Set with the last token.
        finish: Option<(Finish, Timeline)>,
    },
    /// The sequence cannot go on.
    Failed {
        /// Which.
        id: SequenceId,
        /// Why.
        error: SamplingError,
    },
}

/// A request that cannot be taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// All slots are taken; the caller queues.
    #[error("all {slots} slots are taken")]
    Busy {
        /// How many there are.
        slots: usize,
    },
    /// Nothing to go on from.
    #[error("the prompt has no tokens")]
    EmptyPrompt,
    /// Nothing to do.
    #[error("max_tokens is 0, it must be at least 1")]
    NoTokens,
    /// A prompt that leaves no room for a token.
    #[error("the prompt has {prompt} tokens, the context of {context} leaves room for {} at most", .context - 1)]
    PromptTooLong {
        /// Its tokens.
        prompt: usize,
        /// Positions per sequence.
        context: usize,
    },
    /// A token that the model does not have.
    #[error("token {token} is not below the vocabulary of {vocabulary}")]
    UnknownToken {
        /// The token.
        token: u32,
        /// Tokens that exist.
        vocabulary: usize,
    },
    /// Sampling parameters out of range.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
}

/// Runs sequences: each step takes one token of every decoding sequence and as much of the waiting prompts as fits.
#[derive(Debug)]
pub struct Generator {
    decoder: Decoder,
    cache: FullCache,
    /// One row a slot.
    narrow: Step,
    /// A chunk of prompt.
    wide: Step,
    sequences: Vec<Option<Sequence>>,
    next: u64,
    batch: Batch,
    flight: Option<Flight>,
    logits: Vec<f32>,
    chosen: Vec<u32>,
}

/// Rows of one step; kept for its memory.
#[derive(Debug, Default)]
struct Batch {
    tokens: Vec<u32>,
    positions: Vec<u32>,
    slots: Vec<u32>,
    outputs: Vec<u32>,
    /// Slot and sequence of each output.
    owners: Vec<(usize, SequenceId)>,
    /// Slot and rows of each prompt that is read on.
    prefills: Vec<(usize, usize)>,
}

/// A read that is under way.
#[derive(Debug, Clone, Copy)]
struct Flight {
    read: ReadId,
    logits: bool,
}

impl Generator {
    /// Allocates caches and steps. The context is at most the decoder's.
    ///
    /// # Errors
    /// [`BackendError`]; what was allocated, the decoder included, is freed.
    pub fn new(decoder: Decoder, limits: Limits, backend: &mut dyn Backend) -> Result<Self, BackendError> {
        match Self::parts(&decoder, limits, backend) {
            Ok((cache, narrow, wide)) => Ok(Self {
                decoder,
                cache,
                narrow,
                wide,
                sequences: (0..limits.slots).map(|_| None).collect(),
                next: 0,
                batch: Batch::default(),
                flight: None,
                logits: Vec::new(),
                chosen: Vec::new(),
            }),
            Err(error) => {
                // The first error is the one to tell.
                drop(decoder.free(backend));
                Err(error)
            }
        }
    }

    fn parts(
        decoder: &Decoder,
        limits: Limits,
        backend: &mut dyn Backend,
    ) -> Result<(FullCache, Step, Step), BackendError> {
        let context = limits.context.min(decoder.context());
        let cache = FullCache::new(decoder, limits.slots, context, limits.cache, backend)?;
        let narrow = match Step::new(decoder, cache.layers(), limits.slots, limits.slots, backend) {
            Ok(step) => step,
            Err(error) => {
                drop(cache.free(backend));
                return Err(error);
            }
        };
        match Step::new(decoder, cache.layers(), limits.chunk.max(limits.slots), limits.slots, backend) {
            Ok(wide) => Ok((cache, narrow, wide)),
            Err(error) => {
                drop(narrow.free(backend));
                drop(cache.free(backend));
                Err(error)
            }
        }
    }

    /// The model.
    pub fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    /// The cache.
    pub fn cache(&self) -> &FullCache {
        &self.cache
    }

    /// Sequences that can run at once.
    pub fn slots(&self) -> usize {
        self.sequences.len()
    }

    /// Whether [`start`](Self::start) would take a request if a slot were free.
    ///
    /// # Errors
    /// [`GenerateError`], except for [`GenerateError::Busy`].
    pub fn check(&self, request: &SequenceRequest) -> Result<(), GenerateError> {
        sequence::check(request, self.cache.context(), self.decoder.config().vocabulary)
    }

    /// Sequences that run.
    pub fn running(&self) -> usize {
        self.sequences.iter().flatten().count()
    }

    /// Gives all memory back.
    ///
    /// # Errors
    /// [`BackendError`].
    pub fn free(self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        self.narrow.free(backend)?;
        self.wide.free(backend)?;
        self.cache.free(backend)?;
        self.decoder.free(backend)
    }

    /// Takes a request into a free slot. `arrived_ms`: when it came, for its timeline.
    ///
    /// # Errors
    /// [`GenerateError`].
    pub fn start(&mut self, request: SequenceRequest, arrived_ms: f64) -> Result<SequenceId, GenerateError> {
        let slots = self.sequences.len();
        let free = self.sequences.iter().position(Option::is_none).ok_or(GenerateError::Busy { slots })?;
        let id = SequenceId(self.next);
        let vocabulary = self.decoder.config().vocabulary;
        self.sequences[free] = Some(Sequence::new(id, request, self.cache.context(), vocabulary, arrived_ms)?);
        self.next += 1;
        Ok(id)
    }

    /// Ends a sequence at once; a token of it that is under way is dropped. The timeline so far, if it ran.
    pub fn cancel(&mut self, id: SequenceId) -> Option<Timeline> {
        let slot = self.sequences.iter_mut().find(|slot| slot.as_ref().is_some_and(|sequence| sequence.id == id))?;
        slot.take().map(|sequence| sequence.clock.timeline())
    }

    /// Runs one step, or waits for the one that runs. Ready with the events of a step; ready and empty when nothing is
    /// to be done.
    ///
    /// # Errors
    /// [`BackendError`]: all sequences are lost with it, and stay until cancelled.
    pub fn poll(
        &mut self,
        backend: &mut dyn Backend,
        context: &mut Context<'_>,
        now_ms: &mut dyn FnMut() -> f64,
        events: &mut Vec<SequenceEvent>,
    ) -> Poll<Result<(), BackendError>> {
        if self.flight.is_none() {
            self.gather(now_ms());
            if self.batch.tokens.is_empty() {
                return Poll::Ready(Ok(()));
            }
            match self.launch(backend, events) {
                Ok(flight) => self.flight = flight,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        let Some(flight) = self.flight else { return Poll::Ready(Ok(())) };
        let arrived = if flight.logits {
            Step::poll(backend, flight.read, context, &mut self.logits)
        } else {
            Step::poll(backend, flight.read, context, &mut self.chosen)
        };
        match arrived {
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                self.flight = None;
                Poll::Ready(result.map(|()| self.settle(flight, now_ms(), events)))
            }
        }
    }

    /// Chooses the rows of the next step.
    fn gather(&mut self, now_ms: f64) {
        let Batch { tokens, positions, slots, outputs, owners, prefills } = &mut self.batch;
        for list in [&mut *tokens, &mut *positions, &mut *slots, &mut *outputs] {
            list.clear();
        }
        owners.clear();
        prefills.clear();
        let mut room = self.wide.rows();
        // Sequences that decode go first: a long prompt must not hold them up.
        for decoding in [true, false] {
            for (slot, sequence) in self.sequences.iter_mut().enumerate() {
                let Some(sequence) = sequence.as_mut().filter(|sequence| sequence.decodes() == decoding) else {
                    continue;
                };
                let rows = sequence.waiting().min(room);
                if rows == 0 {
                    continue;
                }
                sequence.clock.start(now_ms);
                room -= rows;
                let (from, to) = (sequence.computed, sequence.computed + rows);
                tokens.extend_from_slice(&sequence.tokens[from..to]);
                positions.extend((from..to).map(index));
                slots.extend(std::iter::repeat_n(index(slot), rows));
                if to == sequence.tokens.len() {
                    outputs.push(index(tokens.len() - 1));
                    owners.push((slot, sequence.id));
                }
                if !decoding {
                    prefills.push((slot, rows));
                } else {
                    sequence.computed = to;
                }
            }
        }
    }

    fn launch(
        &mut self,
        backend: &mut dyn Backend,
        events: &mut Vec<SequenceEvent>,
    ) -> Result<Option<Flight>, BackendError> {
        let Batch { tokens, positions, slots, outputs, owners, prefills } = &self.batch;
        let step = if tokens.len() <= self.narrow.rows() { &self.narrow } else { &self.wide };
        step.run(backend, &StepInput { tokens, positions, slots, outputs })?;
        for &(slot, rows) in prefills {
            let Some(sequence) = &mut self.sequences[slot] else { continue };
            sequence.computed += rows;
            let (done, of) = (sequence.computed, sequence.prompt);
            events.push(SequenceEvent::Prefill { id: sequence.id, done, of });
        }
        let count = outputs.len();
        if count == 0 {
            return Ok(None);
        }
        let needs_logits =
            owners.iter().any(|(slot, _)| self.sequences[*slot].as_ref().is_some_and(Sequence::needs_logits));
        let read = if needs_logits {
            self.logits.resize(count * self.decoder.config().vocabulary, 0.0);
            step.read_logits(backend, count)?
        } else {
            self.chosen.resize(count, 0);
            step.read_chosen(backend, count)?
        };
        Ok(Some(Flight { read, logits: needs_logits }))
    }

    /// Gives each sequence its token.
    fn settle(&mut self, flight: Flight, now_ms: f64, events: &mut Vec<SequenceEvent>) {
        let vocabulary = self.decoder.config().vocabulary;
        for (at, &(slot, id)) in self.batch.owners.iter().enumerate() {
            let place = &mut self.sequences[slot];
            // Cancelled meanwhile, and perhaps replaced.
            let Some(sequence) = place.as_mut().filter(|sequence| sequence.id == id) else { continue };
            let event = if flight.logits {
                sequence.draw(&self.logits[at * vocabulary..(at + 1) * vocabulary], now_ms)
            } else {
                sequence.take(self.chosen[at], now_ms)
            };
            let ended = !matches!(event, SequenceEvent::Token { finish: None, .. });
            events.push(event);
            if ended {
                *place = None;
            }
        }
    }
}

/// Positions and slots are far below 2^32: contexts are bounded by memory.
fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a context of fewer than 2^32 positions")
}
