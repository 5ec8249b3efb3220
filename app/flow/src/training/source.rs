//! Tables of a recipe that are one of two things, told apart by their keys.

use serde::{Deserialize, Serialize};

use super::architecture::{Activation, Architecture, Family};

/// Where the parameters come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ModelTable", into = "ModelTable")]
pub enum ModelSource {
    /// A folder of a trained model, relative to the recipe.
    From(String),
    /// A new one, drawn from the seed.
    New(Architecture),
}

/// What is learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "DataTable", into = "DataTable")]
pub struct Data {
    /// Where the examples come from.
    pub source: DataSource,
    /// Examples that are kept apart for evaluation, as a share.
    pub validation_share: f64,
}

/// Where examples come from.
#[derive(Debug, Clone, PartialEq)]
pub enum DataSource {
    /// One of the project's own generators.
    Generated {
        /// Which.
        generator: Generator,
        /// Examples.
        examples: u64,
    },
    /// Pairs of programs that the model writes for the project's own tasks before it is trained: cheap ones are chosen over
    /// dear ones, right ones over wrong ones, by measured fuel.
    Written {
        /// How the model is asked and what is paired.
        rollouts: Rollouts,
    },
    /// A file, relative to the recipe.
    File {
        /// The file.
        file: String,
        /// What stands in it.
        format: Format,
    },
}

/// How a model is asked for programs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollouts {
    /// Programs for each task.
    pub samples: u32,
    /// Divides logits.
    pub temperature: f64,
    /// Size of the inputs on which fuel is measured.
    pub input_size: u32,
    /// Fuel of a dear program over that of a cheap one, at least.
    #[serde(default = "ratio_min")]
    pub ratio_min: f64,
    /// Pairs of two right programs of a task, at most.
    #[serde(default = "pairs_max")]
    pub cheaper_max: u32,
    /// Pairs of a right and a wrong program of a task, at most.
    #[serde(default = "pairs_max")]
    pub right_max: u32,
}

fn ratio_min() -> f64 {
    1.2
}

fn pairs_max() -> u32 {
    2
}

/// Generators of the project's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generator {
    /// Short stories whose sentiment is controlled.
    Stories,
    /// Additions with carries.
    Arithmetic,
    /// Small Python tasks with solutions of different cost.
    PythonTasks,
}

/// What stands in a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text.
    Text,
    /// JSON lines with `prompt` and `answer`.
    PromptAnswer,
    /// JSON lines with `prompt`, `chosen` and `rejected`, or HH style.
    Pairs,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ModelTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<Family>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heads: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kv_heads: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ffn: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tied: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    activation: Option<Activation>,
}

impl TryFrom<ModelTable> for ModelSource {
    type Error = String;

    fn try_from(table: ModelTable) -> Result<Self, String> {
        let ModelTable { from, family, layers, hidden, heads, kv_heads, ffn, context, tied, activation } = table;
        let shaped = family.is_some() || [layers, hidden, heads, kv_heads, ffn, context].iter().any(Option::is_some);
        if let Some(from) = from {
            if shaped || tied.is_some() || activation.is_some() {
                return Err(
                    "a model that starts `from` a folder has that folder's shape: leave the other keys out".into()
                );
            }
            return Ok(Self::From(from));
        }
        let due = |key: &str, value: Option<u32>| {
            value.ok_or_else(|| {
                format!("`model.{key}` is missing: a new model needs it, a trained one is named by `from`")
            })
        };
        let family =
            family.ok_or("`model.family` is missing: llama, qwen2 or gpt2; or name a trained model by `from`")?;
        Ok(Self::New(Architecture {
            family,
            layers: due("layers", layers)?,
            hidden: due("hidden", hidden)?,
            heads: due("heads", heads)?,
            kv_heads,
            ffn: due("ffn", ffn)?,
            context: due("context", context)?,
            tied: tied.unwrap_or(true),
            activation,
        }))
    }
}

impl From<ModelSource> for ModelTable {
    fn from(source: ModelSource) -> Self {
        match source {
            ModelSource::From(from) => Self { from: Some(from), ..Self::default() },
            ModelSource::New(shape) => Self {
                from: None,
                family: Some(shape.family),
                layers: Some(shape.layers),
                hidden: Some(shape.hidden),
                heads: Some(shape.heads),
                kv_heads: shape.kv_heads,
                ffn: Some(shape.ffn),
                context: Some(shape.context),
                tied: Some(shape.tied),
                activation: shape.activation,
            },
        }
    }
}

/// Share kept apart when a recipe does not say.
const VALIDATION_SHARE: f64 = 0.02;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct DataTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    generator: Option<Generator>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examples: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollouts: Option<Rollouts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_share: Option<f64>,
}

impl TryFrom<DataTable> for Data {
    type Error = String;

    fn try_from(table: DataTable) -> Result<Self, String> {
        let validation_share = table.validation_share.unwrap_or(VALIDATION_SHARE);
        if let Some(rollouts) = table.rollouts {
            if (&table.generator, table.examples, &table.file, table.format) != (&None, None, &None, None) {
                return Err("`data.rollouts` stands alone: leave `generator` and `file` out".into());
            }
            return Ok(Self { source: DataSource::Written { rollouts }, validation_share });
        }
        let source = match (table.generator, table.examples, table.file, table.format) {
            (Some(generator), Some(examples), None, None) => DataSource::Generated { generator, examples },
            (Some(_), None, None, None) => {
                return Err("`data.examples` is missing: how many the generator makes".into());
            }
            (None, None, Some(file), Some(format)) => DataSource::File { file, format },
            (None, None, Some(_), None) => {
                return Err("`data.format` is missing: text, prompt_answer or pairs".into());
            }
            _ => return Err("`[data]` is either `generator` with `examples`, or `file` with `format`".into()),
        };
        Ok(Self { source, validation_share })
    }
}

impl From<Data> for DataTable {
    fn from(data: Data) -> Self {
        let validation_share = Some(data.validation_share);
        match data.source {
            DataSource::Generated { generator, examples } => {
                Self { generator: Some(generator), examples: Some(examples), validation_share, ..Self::default() }
            }
            DataSource::Written { rollouts } => Self { rollouts: Some(rollouts), validation_share, ..Self::default() },
            DataSource::File { file, format } => {
                Self { file: Some(file), format: Some(format), validation_share, ..Self::default() }
            }
        }
    }
}
