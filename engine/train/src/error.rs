use frugal_tensor::BackendError;
use frugal_tensor::grad::GradError;

/// What a caller may mend, or must know of, when a model does not learn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The device.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A network that cannot be learnt through.
    #[error(transparent)]
    Gradient(#[from] GradError),
    /// Weights that are not f32.
    #[error("parameter `{name}` is stored as {dtype}, only f32 is learnt: load the model with f32 weights")]
    Storage {
        /// Which parameter.
        name: String,
        /// How it is stored.
        dtype: String,
    },
    /// Sizes that do not fit.
    #[error("{what} is {given}, {due}")]
    Setting {
        /// Which setting.
        what: &'static str,
        /// Its value.
        given: String,
        /// What may stand there.
        due: String,
    },
    /// A batch of another size.
    #[error("a batch of {tokens} tokens and {targets} targets, where {due} of each are due")]
    Batch {
        /// Tokens given.
        tokens: usize,
        /// Targets given.
        targets: usize,
        /// `sequences · time`.
        due: usize,
    },
    /// A batch of which nothing is learnt.
    #[error("step {step}: none of the batch's tokens has a target")]
    NoTargets {
        /// The step.
        step: u64,
    },
    /// A pattern that names nothing.
    #[error("no parameter's name contains `{pattern}`; the first is `{first}`")]
    NoSuchParameter {
        /// The pattern.
        pattern: String,
        /// A name that exists.
        first: String,
    },
    /// A pattern that names some of the rows of one matrix.
    #[error("`{pattern}` names `{name}` but not `{other}`, which lie in one matrix: name both or neither")]
    PartOfMatrix {
        /// The pattern.
        pattern: String,
        /// What it names.
        name: String,
        /// What it does not.
        other: String,
    },
    /// Nothing that could change.
    #[error("every parameter is frozen")]
    AllFrozen,
    /// A number that is none. Weights and moments are as they were before the step.
    #[error(
        "step {step}, batch {batch}: {op} gave a value that is no finite number; a lower learning rate or a clipped norm may help"
    )]
    NotFinite {
        /// The step, from 1.
        step: u64,
        /// The batch of the step, from 0; the last one where only the sum of all gradients told.
        batch: usize,
        /// Operator and place.
        op: String,
    },
    /// A checkpoint that is not of this run.
    #[error("checkpoint: {what}")]
    Checkpoint {
        /// What disagrees.
        what: String,
    },
}

pub(crate) fn setting(what: &'static str, given: impl ToString, due: impl Into<String>) -> TrainError {
    TrainError::Setting { what, given: given.to_string(), due: due.into() }
}
