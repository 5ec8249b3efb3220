//! What a page asks of the worker that runs models, and what that answers.

use serde::{Deserialize, Serialize};

use crate::JobId;

/// A request. The first message of a page is [`ToModel::Start`]; the worker answers with `Ready`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToModel {
    /// Set up.
    Start {
        /// [`crate::WIRE_VERSION`] of the page.
        wire_version: u32,
        /// Absolute address that `models/` lies under, with a slash at its end.
        base_url: String,
    },
    /// Say what a model is made of and whether it fits, with nothing but its small files fetched. Ends with one
    /// `Inspected` or `Failed`.
    Inspect {
        /// Chosen by the page.
        id: JobId,
        /// Where it is.
        place: ModelPlace,
        /// How it would be held.
        held: HeldAs,
    },
    /// Load a model in place of the one that is loaded. Ends with one `Loaded`, `Cancelled` or `Failed`.
    Load {
        /// Chosen by the page.
        id: JobId,
        /// Where it is.
        place: ModelPlace,
        /// How to hold it.
        held: HeldAs,
    },
    /// Generate text. Ends with one `Finished` or `Failed`.
    Generate(Box<GenerateRequest>),
    /// Stop a job.
    Cancel {
        /// Which.
        id: JobId,
    },
    /// Delete what is kept of a model in this browser.
    Forget {
        /// Where it came from.
        place: ModelPlace,
    },
}

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelPlace {
    /// Shipped with the page.
    Shipped {
        /// Its folder.
        name: String,
    },
    /// A folder of the web in a hub's layout.
    Address {
        /// Its address; the files' names are appended to it.
        address: String,
    },
    /// Files of the person's.
    Files {
        /// All that belong to it.
        files: Vec<LocalFile>,
    },
}

/// A file that the page can hand over by an address of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalFile {
    /// Its name without folders.
    pub name: String,
    /// A `blob:` address.
    pub address: String,
    /// Its size, in bytes.
    pub bytes: u64,
}

/// How a model is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldAs {
    /// What computes.
    pub backend: BackendChoice,
    /// Storage of the weights.
    pub weights: WeightStorage,
    /// Positions of prompt and answer together; at most the model's own.
    pub context: u32,
}

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendChoice {
    /// Whatever is faster here, by measuring both.
    Auto,
    /// The processor.
    Cpu,
    /// WebGPU.
    Gpu,
}

/// Storage of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightStorage {
    /// 4 bytes each.
    F32,
    /// 2 bytes each.
    F16,
    /// 8-bit codes in groups of 32 with a scale.
    #[serde(rename = "q8_0")]
    Q8_0,
    /// 4-bit codes in groups of 32 with a scale.
    #[serde(rename = "q4_0")]
    Q4_0,
}

/// What to generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerateRequest {
    /// Chosen by the page.
    pub id: JobId,
    /// What to go on from.
    pub prompt: ModelPrompt,
    /// Tokens after which to end.
    pub max_tokens: u32,
    /// Divides logits; 0 takes the likeliest token.
    pub temperature: f64,
    /// Draw from so many of the likeliest tokens only.
    pub top_k: Option<u32>,
    /// Draw from the fewest tokens whose probabilities sum to this.
    pub top_p: f64,
    /// Of the random numbers.
    pub seed: u64,
    /// Strings that end the text.
    pub stop: Vec<String>,
}

/// What a text goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelPrompt {
    /// A text.
    Text(String),
    /// A conversation, for the model's own template.
    Chat(Vec<ChatMessage>),
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromModel {
    /// The worker is set up.
    Ready {
        /// [`crate::WIRE_VERSION`] of the worker.
        wire_version: u32,
        /// Models shipped with the page.
        shipped: Vec<ShippedModel>,
        /// Name of the WebGPU adapter, or why there is none.
        gpu: Result<String, String>,
    },
    /// What a model is made of.
    Inspected {
        /// Which job.
        id: JobId,
        /// The answer.
        about: Box<ModelAbout>,
    },
    /// How far a load is.
    Loading {
        /// Which job.
        id: JobId,
        /// What is going on, in a few words.
        note: String,
        /// Bytes done.
        done_bytes: u64,
        /// Bytes in all; 0 while unknown.
        total_bytes: u64,
    },
    /// A model can be asked.
    Loaded {
        /// Which job.
        id: JobId,
        /// What it became.
        model: Box<LoadedModel>,
    },
    /// How much of a prompt is read.
    Prefill {
        /// Which job.
        id: JobId,
        /// Prompt tokens read.
        done: u32,
        /// Prompt tokens.
        of: u32,
    },
    /// Text came.
    Text {
        /// Which job.
        id: JobId,
        /// Whole characters; may be empty.
        text: String,
    },
    /// A text ended.
    Finished {
        /// Which job.
        id: JobId,
        /// `end`, `stop_string`, `length`, `context_full` or `cancelled`.
        reason: String,
        /// Text that waited for more.
        text: String,
        /// What it took; absent when it never ran.
        timeline: Option<Box<TimelineView>>,
    },
    /// A load ended because the page cancelled it.
    Cancelled {
        /// Which job.
        id: JobId,
    },
    /// A job could not be carried out.
    Failed {
        /// Which job; absent when the worker itself failed.
        id: Option<JobId>,
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// What was kept of a model is deleted.
    Forgotten,
}

/// A model that comes with the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedModel {
    /// Its folder.
    pub name: String,
    /// For people.
    pub title: String,
    /// What it writes, in a sentence.
    pub about: String,
    /// Something to begin with.
    pub example: String,
    /// All its files, in bytes.
    pub download_bytes: u64,
}

/// What a model is made of, before it is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelAbout {
    /// Such as `llama`.
    pub architecture: String,
    /// Parameters.
    pub parameters: u64,
    /// Positions that it was trained for.
    pub context: u32,
    /// Bytes to fetch, those kept here left out.
    pub download_bytes: u64,
    /// Bytes kept here.
    pub kept_bytes: u64,
    /// Memory of its weights as they would be held, in bytes.
    pub weights_bytes: u64,
    /// Memory of keys and values, in bytes.
    pub cache_bytes: u64,
    /// Memory that a worker can have, in bytes.
    pub limit_bytes: u64,
    /// Whether it fits.
    pub fits: bool,
}

/// A loaded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadedModel {
    /// Where it came from.
    pub title: String,
    /// What computes, for people.
    pub backend: String,
    /// Why this backend, where it was chosen by measuring.
    pub choice: Option<String>,
    /// Such as `llama`.
    pub architecture: String,
    /// Parameters.
    pub parameters: u64,
    /// Positions of prompt and answer together.
    pub context: u32,
    /// Whether it can answer a conversation.
    pub has_chat: bool,
    /// What loading took.
    pub load_ms: f64,
    /// Memory of weights, in bytes.
    pub weights_bytes: u64,
    /// Memory of keys and values, in bytes.
    pub cache_bytes: u64,
    /// Memory of activations, in bytes.
    pub scratch_bytes: u64,
    /// What to know besides: what could not be kept, or was not checked.
    pub notes: Vec<String>,
}

/// What one text took. What did not happen or cannot be measured is absent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimelineView {
    /// From asking to the first step.
    pub queue_ms: Option<f64>,
    /// From the first step to the first token.
    pub prefill_ms: Option<f64>,
    /// From asking to the first token.
    pub first_token_ms: Option<f64>,
    /// Median time between tokens.
    pub token_p50_ms: Option<f64>,
    /// Nine of ten tokens came within this time.
    pub token_p90_ms: Option<f64>,
    /// Ninety-nine of a hundred did.
    pub token_p99_ms: Option<f64>,
    /// Counted from the second token.
    pub tokens_per_second: Option<f64>,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens that came.
    pub tokens: u32,
    /// Energy; absent until there is a counter.
    pub energy_joules: Option<f64>,
}
