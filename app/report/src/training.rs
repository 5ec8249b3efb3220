//! A training run: what it was, and what happened in it.

use serde::{Deserialize, Serialize};

#[cfg(any(feature = "reader", test))]
use crate::ReadError;

/// Schema of [`TrainingManifest`].
pub const TRAINING_SCHEMA: &str = "frugal.training/1";

/// Everything another team needs to train the same model again, and what it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingManifest {
    /// [`TRAINING_SCHEMA`].
    pub schema: String,
    /// Version of Frugal.
    pub frugal_version: String,
    /// The recipe's name.
    pub name: String,
    /// The recipe as it was read.
    pub recipe_toml: String,
    /// Every choice that papers and trainers make differently, by name: normalisers, masks, directions of divergences.
    pub conventions: Vec<Convention>,
    /// SHA-256 of everything learnt from, hexadecimal.
    pub data_sha256: String,
    /// SHA-256 of the tokenizer's file, hexadecimal.
    pub tokenizer_sha256: String,
    /// SHA-256 of the parameters that the run started from, hexadecimal.
    pub start_sha256: String,
    /// SHA-256 of the parameters as they are now, hexadecimal; absent before the first checkpoint.
    pub parameters_sha256: Option<String>,
    /// What computed.
    pub device: String,
    /// Parameters that move.
    pub trained_parameters: u64,
    /// All parameters.
    pub parameters: u64,
    /// Examples learnt from, and kept apart.
    pub examples: [u64; 2],
    /// Updates of the parameters done so far.
    pub steps: u64,
    /// Tokens whose prediction was learnt from so far.
    pub tokens: u64,
    /// Floating-point operations so far by the usual count: 6 for each parameter in a matrix and token, and 12 for each
    /// layer, width, position seen and token. Recomputation is not counted.
    pub flops: f64,
    /// Largest memory of the backend, in bytes.
    pub memory_bytes_max: u64,
    /// Wall-clock time of all parts of the run, in milliseconds.
    pub wall_ms: f64,
    /// How often the run was interrupted and went on.
    pub resumed: u32,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// What is chosen, such as `mean of a batch`.
    pub name: String,
    /// What was chosen, such as `over all tokens`.
    pub value: String,
}

/// One line of a run's metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum TrainingEvent {
    /// The parameters moved.
    Step(TrainingStep),
    /// A look at what was kept apart.
    Evaluation(TrainingEvaluation),
    /// What the model wrote.
    Sample {
        /// Updates before it.
        step: u64,
        /// What it went on from.
        prompt: String,
        /// What it wrote.
        text: String,
    },
}

/// One update of the parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingStep {
    /// Its number, from 1.
    pub step: u64,
    /// Tokens learnt from so far.
    pub tokens: u64,
    /// The objective, as its mean: nats a token for language models, nats a pair for preferences.
    pub loss: f64,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// Norm of the gradient before it is bounded.
    pub gradient_norm: f64,
    /// Time of the step, in milliseconds.
    pub wall_ms: f64,
    /// What the method tells besides, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<NamedMetric>,
}

/// A look at what was kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingEvaluation {
    /// Updates before it.
    pub step: u64,
    /// Mean of the objective over what was kept apart.
    pub loss: f64,
    /// What the method tells besides, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<NamedMetric>,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedMetric {
    /// The field's standard term, its unit last.
    pub name: String,
    /// The number.
    pub value: f64,
}

impl TrainingManifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ReadError`] when it is not JSON of this schema.
    #[cfg(any(feature = "reader", test))]
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        crate::read(json, TRAINING_SCHEMA)
    }
}

impl TrainingEvent {
    /// Updates of the parameters up to it.
    pub fn step(&self) -> u64 {
        match self {
            Self::Step(TrainingStep { step, .. })
            | Self::Evaluation(TrainingEvaluation { step, .. })
            | Self::Sample { step, .. } => *step,
        }
    }

    /// Its numbers, with the names under which curves show them; a sample has none.
    pub fn scalars(&self) -> Vec<(String, f64)> {
        let own = |prefix: &str, metrics: &[NamedMetric]| -> Vec<(String, f64)> {
            metrics.iter().map(|metric| (format!("{prefix}/{}", metric.name), metric.value)).collect()
        };
        match self {
            Self::Step(step) => {
                let mut scalars = vec![
                    ("train/loss".to_owned(), step.loss),
                    ("train/learning_rate".to_owned(), step.learning_rate),
                    ("train/gradient_norm".to_owned(), step.gradient_norm),
                ];
                scalars.extend(own("train", &step.metrics));
                scalars
            }
            Self::Evaluation(evaluation) => {
                let mut scalars = vec![("evaluation/loss".to_owned(), evaluation.loss)];
                scalars.extend(own("evaluation", &evaluation.metrics));
                scalars
            }
            Self::Sample { .. } => Vec::new(),
        }
    }
}
