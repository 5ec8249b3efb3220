use frugal_decode::{GenerateError, SamplingError};
use frugal_tensor::BackendError;

/// Why a request, or the whole session, cannot go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// As many requests wait as may.
    #[error("{waiting} requests wait already: try again later")]
    QueueFull {
        /// How many.
        waiting: usize,
    },
    /// The prompt or a parameter.
    #[error(transparent)]
    Request(#[from] GenerateError),
    /// The prompt as text, or the text of an answer.
    #[error("{0}")]
    Text(String),
    /// The model's own numbers.
    #[error(transparent)]
    Model(#[from] SamplingError),
    /// The device; after [`BackendError::DeviceLost`] the model must be loaded again, on another backend.
    #[error(transparent)]
    Backend(#[from] BackendError),
}
