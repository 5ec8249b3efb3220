//! One model on one backend, that runs rounds of generation.

use std::future::poll_fn;
use std::task::Poll;

use frugal_decode::{GenerateError, Generator, Limits, Sampling, SequenceEvent, SequenceRequest};
use frugal_model::config::{Config, ConfigError};
use frugal_model::decoder::{Decoder, LoadError, Loader, MatrixOrder, Precision, WeightType};
use frugal_model::weights::{Stream, WeightsError};
use frugal_tensor::quant::{Bits, Scheme};
use frugal_tensor::{Backend, BackendError, DType};

/// Positions of prompt and answer together.
pub const CONTEXT: usize = 256;

/// Storages of weights, by the names that arguments give them.
pub const STORAGES: [(&str, WeightType); 6] = [
    ("f32", WeightType::F32),
    ("f16", WeightType::F16),
    ("int8", WeightType::Quant(Scheme::symmetric(Bits::Eight, 32, true))),
    ("int4", WeightType::Quant(Scheme::symmetric(Bits::Four, 32, true))),
    ("q8_0", WeightType::Quant(Scheme::Q8_0)),
    ("q4_0", WeightType::Quant(Scheme::Q4_0)),
];

/// Why a contender cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContenderError {
    /// A name that is none of [`STORAGES`].
    #[error("no storage `{0}`")]
    Storage(String),
    /// The configuration.
    #[error("config.json: {0}")]
    Config(#[from] ConfigError),
    /// The weights.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The weights' file.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The backend.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The request.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The sequence ended before its length, as after a logit that is no number.
    #[error("the sequence ended early")]
    Ended,
}

/// What one round gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// From the request to the first token.
    pub prefill_ms: f64,
    /// From each token to the next.
    pub token_ms: Vec<f64>,
    /// All tokens.
    pub ids: Vec<u32>,
}

/// A model that is ready to run.
pub struct Contender {
    backend: Box<dyn Backend>,
    generator: Generator,
    weights_bytes: usize,
}

impl Contender {
    /// Loads a model from its two files.
    ///
    /// # Errors
    /// [`ContenderError`].
    pub fn load(
        config: &[u8],
        weights: &[u8],
        storage: &str,
        chunk: usize,
        mut backend: Box<dyn Backend>,
    ) -> Result<Self, ContenderError> {
        let known = STORAGES.iter().find(|(name, _)| *name == storage);
        let (_, weight) = known.ok_or_else(|| ContenderError::Storage(storage.to_owned()))?;
        let (config, precision) = (Config::from_json(config)?, Precision::uniform(*weight));
        let mut loader = Loader::new(&config, CONTEXT, MatrixOrder::Transformers, precision, backend.as_mut())?;
        let mut stream = Stream::new("model.safetensors", weights.len() as u64);
        stream.push_to::<LoadError>(weights, &mut |listing, piece| loader.take(backend.as_mut(), listing, &piece))?;
        stream.finish()?;
        let decoder = loader.finish(backend.as_mut())?;
        Self::new(decoder, chunk, backend)
    }

    /// Takes a model whose parameters are in the backend; a step takes at most `chunk` tokens of a prompt.
    ///
    /// # Errors
    /// [`ContenderError::Backend`].
    pub fn new(decoder: Decoder, chunk: usize, mut backend: Box<dyn Backend>) -> Result<Self, ContenderError> {
        // What a token reads: every weight but the rotary table; a tied embedding is the head.
        let weights_bytes = backend.memory().weights_bytes - CONTEXT * decoder.config().head_size * 4;
        let limits = Limits { slots: 1, context: CONTEXT, chunk, cache: DType::F32 };
        let generator = Generator::new(decoder, limits, backend.as_mut())?;
        Ok(Self { backend, generator, weights_bytes })
    }

    /// What computes.
    pub fn describe(&self) -> String {
        self.backend.describe()
    }

    /// Bytes of weights that a token reads.
    pub fn weights_bytes(&self) -> usize {
        self.weights_bytes
    }

    /// Reads `prompt` tokens and generates `tokens` more, the likeliest each time.
    ///
    /// # Errors
    /// [`ContenderError`].
    pub async fn round(
        &mut self,
        prompt: usize,
        tokens: usize,
        now_ms: &mut dyn FnMut() -> f64,
    ) -> Result<Round, ContenderError> {
        let vocabulary = self.generator.decoder().config().vocabulary;
        // Ids are below the vocabulary, which is below 2^32.
        #[allow(clippy::cast_possible_truncation)]
        let prompt = (0..prompt).map(|i| ((i * 7919 + 13) % vocabulary) as u32).collect();
        let sampling = Sampling::GREEDY;
        let request = SequenceRequest { prompt, max_tokens: tokens, end: vec![], sampling, logprobs: None };
        let start = now_ms();
        self.generator.start(request, start)?;
        let (mut events, mut ids) = (Vec::new(), Vec::with_capacity(tokens));
        let mut arrived_ms = Vec::with_capacity(tokens);
        while ids.len() < tokens {
            events.clear();
            let (generator, backend) = (&mut self.generator, self.backend.as_mut());
            poll_fn(|context| generator.poll(backend, context, now_ms, &mut events)).await?;
            if events.is_empty() {
                return Err(ContenderError::Ended);
            }
            for event in &events {
                if let SequenceEvent::Token { token, .. } = event {
                    ids.push(*token);
                    arrived_ms.push(now_ms());
                }
            }
        }
        let prefill_ms = arrived_ms.first().map_or(f64::NAN, |first| first - start);
        Ok(Round { prefill_ms, token_ms: arrived_ms.windows(2).map(|pair| pair[1] - pair[0]).collect(), ids })
    }

    /// The same on a backend whose reads are ready at once.
    ///
    /// # Errors
    /// [`ContenderError`].
    pub fn round_now(
        &mut self,
        prompt: usize,
        tokens: usize,
        now_ms: &mut dyn FnMut() -> f64,
    ) -> Result<Round, ContenderError> {
        let mut round = std::pin::pin!(self.round(prompt, tokens, now_ms));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        loop {
            if let Poll::Ready(result) = round.as_mut().poll(&mut context) {
                return result;
            }
        }
    }
}

impl Round {
    /// Prompt tokens per second, and tokens per second from the second on, by the median of their times.
    pub fn tokens_per_second(&self, prompt: usize) -> (f64, f64) {
        // A prompt is short.
        (prompt as f64 * 1000.0 / self.prefill_ms, 1000.0 / median(self.token_ms.clone()))
    }

    /// As one line of JSON.
    pub fn json(&self) -> String {
        let Self { prefill_ms, token_ms, ids } = self;
        format!(r#"{{"prefill_ms": {prefill_ms}, "token_ms": {token_ms:?}, "ids": {ids:?}}}"#)
    }
}

/// The upper of the middle two; no number when there is none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
