use std::sync::Arc;

use frugal_decode::{Generator, Limits};
use frugal_model::config::{Config, ConfigError, GenerationConfig};
use frugal_model::decoder::{LoadError, Loader, MatrixOrder, Precision};
use frugal_model::template::{ChatTemplate, Date, TemplateError, TokenizerConfig};
use frugal_model::tokenizer::{Tokenizer, TokenizerError};
use frugal_model::weights::Stream;
use frugal_tensor::{Backend, BackendError};

use crate::Session;
use crate::codec::TokenizerCodec;

/// Why a model cannot be opened. Each message says which file, what is wrong and what to mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Its shape.
    #[error("{file}: {problem}")]
    Config {
        /// Which file.
        file: &'static str,
        /// What is wrong.
        problem: ConfigError,
    },
    /// Its tokenizer.
    #[error("tokenizer.json: {0}")]
    Tokenizer(#[from] TokenizerError),
    /// Its tokenizer has tokens that the network lacks.
    #[error(
        "tokenizer.json has {tokens} tokens, but the model's vocabulary has {vocabulary}: put the files of one model together"
    )]
    Vocabulary {
        /// Tokens of the tokenizer.
        tokens: usize,
        /// Rows of the embedding.
        vocabulary: usize,
    },
    /// Its chat template.
    #[error("{file}: {problem}")]
    Template {
        /// Which file.
        file: &'static str,
        /// What is wrong.
        problem: TemplateError,
    },
    /// Its weights.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The device.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl From<frugal_model::weights::WeightsError> for OpenError {
    fn from(error: frugal_model::weights::WeightsError) -> Self {
        Self::Load(error.into())
    }
}

/// The small files of a model, under their names in a hub's layout.
#[derive(Debug, Clone, Copy, Default)]
pub struct ModelFiles<'a> {
    /// `tokenizer.json`.
    pub tokenizer: &'a [u8],
    /// `tokenizer_config.json`.
    pub tokenizer_config: Option<&'a [u8]>,
    /// `chat_template.jinja`; goes before the one in `tokenizer_config.json`.
    pub chat_template: Option<&'a str>,
    /// `generation_config.json`.
    pub generation_config: Option<&'a [u8]>,
    /// What a template's clock says.
    pub today: Option<Date>,
}

/// How a model is loaded and served.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// Cache and batch.
    pub limits: Limits,
    /// Storage of the weights.
    pub precision: Precision,
    /// Requests that may wait besides those that run.
    pub queue_max: usize,
}

/// A model whose weights are on their way.
pub struct Opening {
    backend: Box<dyn Backend>,
    loader: Loader,
    codec: TokenizerCodec,
    options: OpenOptions,
}

impl Opening {
    /// Reads the small files and allocates the weights. `order`: how the weights' files store matrices.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn new(
        mut config: Config,
        order: MatrixOrder,
        files: &ModelFiles<'_>,
        options: OpenOptions,
        mut backend: Box<dyn Backend>,
    ) -> Result<Self, OpenError> {
        if let Some(bytes) = files.generation_config {
            let fault = |problem| OpenError::Config { file: "generation_config.json", problem };
            let end = GenerationConfig::from_json(bytes).map_err(fault)?.end;
            config.end.extend(end);
            config.end.sort_unstable();
            config.end.dedup();
            config = config.checked().map_err(fault)?;
        }
        let codec = codec(files)?;
        let (tokens, vocabulary) = (codec.tokenizer.len(), config.vocabulary);
        if tokens > vocabulary {
            return Err(OpenError::Vocabulary { tokens, vocabulary });
        }
        let context = options.limits.context.min(config.context);
        let loader = Loader::new(&config, context, order, options.precision, backend.as_mut())?;
        Ok(Self { backend, loader, codec, options })
    }

    /// Takes the next bytes of one of the weights' files.
    ///
    /// # Errors
    /// [`OpenError::Load`]; nothing can be made of the model then.
    pub fn push(&mut self, stream: &mut Stream, bytes: &[u8]) -> Result<(), OpenError> {
        let (loader, backend) = (&mut self.loader, &mut self.backend);
        stream.push_to(bytes, &mut |listing, piece| loader.take(backend.as_mut(), listing, &piece))?;
        Ok(())
    }

    /// The session, when all files came. `load_ms`: what loading took, for the timelines.
    ///
    /// # Errors
    /// [`OpenError::Load`] where parameters are missing, [`OpenError::Backend`].
    pub fn finish(mut self, load_ms: Option<f64>) -> Result<Session, OpenError> {
        let decoder = self.loader.finish(self.backend.as_mut())?;
        let generator = Generator::new(decoder, self.options.limits, self.backend.as_mut())?;
        let session = Session::new(self.backend, generator, Box::new(self.codec), self.options.queue_max);
        Ok(session.loaded_in(load_ms))
    }
}

fn codec(files: &ModelFiles<'_>) -> Result<TokenizerCodec, OpenError> {
    let tokenizer = Arc::new(Tokenizer::from_json(files.tokenizer)?);
    let fault = |problem| OpenError::Template { file: "tokenizer_config.json", problem };
    let config = files.tokenizer_config.map(TokenizerConfig::from_json).transpose().map_err(fault)?;
    let config = config.unwrap_or_default();
    let template = match files.chat_template {
        Some(source) => {
            let fault = |problem| OpenError::Template { file: "chat_template.jinja", problem };
            Some(ChatTemplate::new(source).map_err(fault)?)
        }
        None if config.templates.is_empty() => None,
        None => Some(config.chat_template().map_err(fault)?),
    };
    let text = |token: Option<String>| token.unwrap_or_default();
    let (beginning_token, end_token) = (text(config.beginning_token), text(config.end_token));
    Ok(TokenizerCodec { tokenizer, template, beginning_token, end_token, today: files.today })
}
