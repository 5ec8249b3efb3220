use serde::{Deserialize, Serialize};

use super::source::{Data, DataSource, Format, Generator, ModelSource};
use super::unknown;

/// Why a recipe cannot be followed: where, what, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// No TOML, or not of this form.
    #[error("{}{message}{}", place(.line), .hint.as_deref().map(|hint| format!(": {hint}")).unwrap_or_default())]
    Form {
        /// Line, from 1.
        line: Option<usize>,
        /// What the reader says.
        message: String,
        /// What was likely meant.
        hint: Option<String>,
    },
    /// A value out of range.
    #[error("`{key}` is {have}, it must be {want}")]
    Range {
        /// Which, with its table.
        key: &'static str,
        /// What it is.
        have: String,
        /// What may stand there.
        want: &'static str,
    },
    /// Parts that do not go together.
    #[error("{0}")]
    Conflict(String),
}

fn place(line: &Option<usize>) -> String {
    line.map(|line| format!("line {line}: ")).unwrap_or_default()
}

/// What a training run does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecipe {
    /// Names the run.
    pub name: String,
    /// Seed of everything that is drawn.
    pub seed: u64,
    /// Updates of the parameters.
    pub steps: u64,
    /// What is trained.
    pub model: ModelSource,
    /// How text becomes tokens; that of the model it starts from, when it is not given.
    pub tokenizer: Option<TokenizerSource>,
    /// What is learnt from.
    pub data: Data,
    /// How much of it a step takes.
    pub batch: Batch,
    /// How the parameters move.
    pub optimizer: Optimizer,
    /// How far, step by step.
    #[serde(default)]
    pub schedule: Schedule,
    /// What is minimised.
    #[serde(default)]
    pub objective: Objective,
    /// What is looked at on the way.
    #[serde(default)]
    pub evaluation: Evaluation,
}

/// Where the tokenizer comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TokenizerSource {
    /// A `tokenizer.json`, relative to the recipe.
    File(String),
    /// Byte-level BPE of so many tokens, trained on the run's own data.
    Bpe(u32),
}

/// How much a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Sequences of one pass.
    pub sequences: u32,
    /// Tokens of a sequence.
    pub tokens: u32,
    /// Passes whose gradients are summed before the parameters move.
    #[serde(default = "one")]
    pub accumulate: u32,
}

fn one() -> u32 {
    1
}

/// How the parameters move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "lowercase", deny_unknown_fields)]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
    AdamW {
        /// At the schedule's height.
        learning_rate: f64,
        /// Decay rates of both moments.
        #[serde(default = "betas")]
        betas: [f64; 2],
        /// Decoupled decay, on matrices only.
        #[serde(default)]
        weight_decay: f64,
        /// Bound of the gradient's norm.
        #[serde(default)]
        gradient_norm_max: Clip,
    },
    /// Stochastic gradient descent.
    Sgd {
        /// At the schedule's height.
        learning_rate: f64,
        /// Share of the last step that goes on.
        #[serde(default)]
        momentum: f64,
        /// Bound of the gradient's norm.
        #[serde(default)]
        gradient_norm_max: Clip,
    },
    /// RMSprop, which both preference repositories train with.
    RmsProp {
        /// At the schedule's height.
        learning_rate: f64,
        /// Bound of the gradient's norm.
        #[serde(default)]
        gradient_norm_max: Clip,
    },
    /// Lion (Chen et al. 2023).
    Lion {
        /// At the schedule's height.
        learning_rate: f64,
        /// Decay rates.
        #[serde(default = "lion_betas")]
        betas: [f64; 2],
        /// Decoupled decay, on matrices only.
        #[serde(default)]
        weight_decay: f64,
        /// Bound of the gradient's norm.
        #[serde(default)]
        gradient_norm_max: Clip,
    },
}

/// Bound of the gradient's norm; 1 when it is not given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Clip(pub f64);

impl Default for Clip {
    fn default() -> Self {
        Self(1.0)
    }
}

fn betas() -> [f64; 2] {
    [0.9, 0.95]
}

fn lion_betas() -> [f64; 2] {
    [0.9, 0.99]
}

impl Optimizer {
    /// Learning rate at the schedule's height, and the bound of the gradient's norm.
    pub fn rate_and_clip(&self) -> (f64, f64) {
        match *self {
            Self::AdamW { learning_rate, gradient_norm_max: Clip(clip), .. }
            | Self::Sgd { learning_rate, gradient_norm_max: Clip(clip), .. }
            | Self::RmsProp { learning_rate, gradient_norm_max: Clip(clip) }
            | Self::Lion { learning_rate, gradient_norm_max: Clip(clip), .. } => (learning_rate, clip),
        }
    }
}

/// Learning rate over the steps, as a share of its height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "lowercase", deny_unknown_fields)]
pub enum Schedule {
    /// Up, then level.
    Constant {
        /// Steps of the rise.
        #[serde(default)]
        warmup_steps: u64,
    },
    /// Up, then half a cosine down.
    Cosine {
        /// Steps of the rise.
        #[serde(default)]
        warmup_steps: u64,
        /// Share at the end.
        #[serde(default)]
        end_share: f64,
    },
    /// Up, then a line down.
    Linear {
        /// Steps of the rise.
        #[serde(default)]
        warmup_steps: u64,
        /// Share at the end.
        #[serde(default)]
        end_share: f64,
    },
    /// Up, level, and a line down at the end.
    Wsd {
        /// Steps of the rise.
        #[serde(default)]
        warmup_steps: u64,
        /// Steps of the fall.
        decay_steps: u64,
        /// Share at the end.
        #[serde(default)]
        end_share: f64,
    },
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Constant { warmup_steps: 0 }
    }
}

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Objective {
    /// Cross-entropy of every next token.
    #[default]
    LanguageModel,
    /// Cross-entropy of the answer's tokens, given the prompt.
    Sft,
    /// Direct preference optimisation, which is f-DPO with the reverse KL.
    Dpo {
        /// How far the policy may drift; above 0.
        beta: f64,
    },
    /// f-DPO with the forward KL.
    FdpoForwardKl {
        /// How far the policy may drift; above 0.
        beta: f64,
    },
    /// f-DPO with the Jensen-Shannon divergence.
    FdpoJensenShannon {
        /// How far the policy may drift; above 0.
        beta: f64,
    },
    /// f-DPO with an alpha divergence.
    FdpoAlpha {
        /// How far the policy may drift; above 0.
        beta: f64,
        /// The paper's alpha, between 0 and 1, neither included.
        alpha: f64,
    },
    /// TDPO1.
    Tdpo1 {
        /// How far the policy may drift; above 0.
        beta: f64,
    },
    /// TDPO2.
    Tdpo2 {
        /// How far the policy may drift; above 0.
        beta: f64,
        /// Weight of the difference of sequential KLs; 0 is DPO.
        alpha: f64,
    },
}

impl Objective {
    /// Whether it learns from pairs.
    pub fn takes_pairs(&self) -> bool {
        !matches!(self, Self::LanguageModel | Self::Sft)
    }
}

/// What is looked at on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Evaluation {
    /// Steps between two evaluations on what was kept apart.
    pub every_steps: u64,
    /// Steps between two checkpoints.
    pub checkpoint_steps: u64,
    /// Texts to go on from at each evaluation.
    pub prompts: Vec<String>,
    /// Tokens of each such sample.
    pub sample_tokens: u32,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self { every_steps: 100, checkpoint_steps: 500, prompts: Vec::new(), sample_tokens: 64 }
    }
}

impl TrainingRecipe {
    /// Reads a recipe and checks it as a whole.
    ///
    /// # Errors
    /// [`RecipeError`], with the line, and for an unknown key the known one that is nearest.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text).map_err(|error| RecipeError::Form {
            line: error.span().map(|span| text[..span.start].matches('\n').count() + 1),
            message: error.message().to_owned(),
            hint: unknown::hint(error.message()),
        })?;
        recipe.check()?;
        Ok(recipe)
    }

    fn check(&self) -> Result<(), RecipeError> {
        let at_least_1 = |key, value: u64| range(key, value, value > 0, "at least 1");
        at_least_1("steps", self.steps)?;
        at_least_1("batch.sequences", self.batch.sequences.into())?;
        range("batch.tokens", self.batch.tokens, self.batch.tokens > 1, "at least 2")?;
        at_least_1("batch.accumulate", self.batch.accumulate.into())?;
        at_least_1("evaluation.every_steps", self.evaluation.every_steps)?;
        at_least_1("evaluation.checkpoint_steps", self.evaluation.checkpoint_steps)?;
        let (rate, clip) = self.optimizer.rate_and_clip();
        range("optimizer.learning_rate", rate, rate > 0.0 && rate.is_finite(), "a number above 0")?;
        range("optimizer.gradient_norm_max", clip, clip > 0.0, "a number above 0, or inf for none")?;
        let share = self.data.validation_share;
        range("data.validation_share", share, (0.0..=0.5).contains(&share), "between 0 and 0.5")?;
        if let DataSource::Generated { examples, .. } = self.data.source {
            at_least_1("data.examples", examples)?;
        }
        if let DataSource::Written { rollouts } = self.data.source {
            range("data.rollouts.samples", rollouts.samples, rollouts.samples > 1, "at least 2")?;
            let (temperature, ratio) = (rollouts.temperature, rollouts.ratio_min);
            range("data.rollouts.temperature", temperature, temperature > 0.0 && temperature.is_finite(), "above 0")?;
            range("data.rollouts.ratio_min", ratio, ratio > 1.0 && ratio.is_finite(), "above 1")?;
            at_least_1("data.rollouts.input_size", rollouts.input_size.into())?;
            if !self.objective.takes_pairs() {
                let need =
                    "`data.rollouts` gives pairs: choose an objective that compares answers, such as dpo or tdpo2";
                return Err(RecipeError::Conflict(need.to_owned()));
            }
        }
        self.check_optimizer()?;
        self.check_schedule()?;
        self.check_objective()?;
        self.check_model()
    }

    fn check_optimizer(&self) -> Result<(), RecipeError> {
        let below_1 = |key, value: f64| range(key, value, (0.0..1.0).contains(&value), "at least 0 and below 1");
        let decay =
            |value: f64| range("optimizer.weight_decay", value, value >= 0.0 && value.is_finite(), "at least 0");
        match self.optimizer {
            Optimizer::AdamW { betas, weight_decay, .. } | Optimizer::Lion { betas, weight_decay, .. } => {
                betas.into_iter().try_for_each(|beta| below_1("optimizer.betas", beta))?;
                decay(weight_decay)
            }
            Optimizer::Sgd { momentum, .. } => below_1("optimizer.momentum", momentum),
            Optimizer::RmsProp { .. } => Ok(()),
        }
    }

    fn check_schedule(&self) -> Result<(), RecipeError> {
        let (rise, fall, end_share) = match self.schedule {
            Schedule::Constant { warmup_steps } => (warmup_steps, 0, 0.0),
            Schedule::Cosine { warmup_steps, end_share } | Schedule::Linear { warmup_steps, end_share } => {
                (warmup_steps, 0, end_share)
            }
            Schedule::Wsd { warmup_steps, decay_steps, end_share } => (warmup_steps, decay_steps, end_share),
        };
        range("schedule.end_share", end_share, (0.0..=1.0).contains(&end_share), "between 0 and 1")?;
        if rise.saturating_add(fall) > self.steps {
            return Err(RecipeError::Conflict(format!(
                "the schedule rises for {rise} steps and falls for {fall}, but the run has {}: make them shorter, or `steps` larger",
                self.steps
            )));
        }
        Ok(())
    }

    fn check_objective(&self) -> Result<(), RecipeError> {
        if let Objective::Dpo { beta }
        | Objective::FdpoForwardKl { beta }
        | Objective::FdpoJensenShannon { beta }
        | Objective::FdpoAlpha { beta, .. }
        | Objective::Tdpo1 { beta }
        | Objective::Tdpo2 { beta, .. } = self.objective
        {
            range("objective.beta", beta, beta > 0.0 && beta.is_finite(), "above 0")?;
        }
        if let Objective::FdpoAlpha { alpha, .. } = self.objective {
            let want = "between 0 and 1, neither included: at 0 it is `dpo`, at 1 `fdpo_forward_kl`, beyond them the policy may reach 0";
            range("objective.alpha", alpha, alpha > 0.0 && alpha < 1.0, want)?;
        }
        if let Objective::Tdpo2 { alpha, .. } = self.objective {
            range("objective.alpha", alpha, alpha >= 0.0 && alpha.is_finite(), "at least 0")?;
        }
        let format = match self.data.source {
            DataSource::File { format, .. } => format,
            DataSource::Generated { generator: Generator::Stories, .. } => Format::Text,
            DataSource::Generated { .. } => Format::PromptAnswer,
            DataSource::Written { .. } => Format::Pairs,
        };
        let wanted = match self.objective {
            Objective::LanguageModel => return Ok(()),
            Objective::Sft => Format::PromptAnswer,
            _ => Format::Pairs,
        };
        if format != wanted {
            let method = if wanted == Format::Pairs { "compares answers" } else { "learns answers" };
            let need = if wanted == Format::Pairs { "pairs" } else { "prompt_answer" };
            return Err(RecipeError::Conflict(format!(
                "the objective {method}: it needs a `data.format` of \"{need}\""
            )));
        }
        if self.objective.takes_pairs() && matches!(self.model, ModelSource::New(_)) {
            return Err(RecipeError::Conflict(
                "a preference objective holds the policy against the model it starts from: give `model.from`, not a new model"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn check_model(&self) -> Result<(), RecipeError> {
        let ModelSource::New(shape) = &self.model else { return Ok(()) };
        if self.tokenizer.is_none() {
            let need =
                "a new model needs a tokenizer: add `[tokenizer]` with `bpe = 512` or `file = \"tokenizer.json\"`";
            return Err(RecipeError::Conflict(need.to_owned()));
        }
        let sizes = [
            ("model.layers", shape.layers),
            ("model.hidden", shape.hidden),
            ("model.heads", shape.heads),
            ("model.ffn", shape.ffn),
            ("model.context", shape.context),
            ("model.kv_heads", shape.kv_heads.unwrap_or(shape.heads)),
        ];
        sizes.into_iter().try_for_each(|(key, size)| range(key, size, size > 0, "at least 1"))?;
        let kv_heads = shape.kv_heads.unwrap_or(shape.heads);
        if !shape.hidden.is_multiple_of(shape.heads) || !shape.heads.is_multiple_of(kv_heads) {
            return Err(RecipeError::Conflict(format!(
                "a width of {} in {} heads with {kv_heads} for keys and values: each must divide the one before",
                shape.hidden, shape.heads
            )));
        }
        if shape.context < self.batch.tokens {
            return Err(RecipeError::Conflict(format!(
                "sequences of {} tokens in a context of {}: make `model.context` larger or `batch.tokens` smaller",
                self.batch.tokens, shape.context
            )));
        }
        Ok(())
    }
}

fn range(key: &'static str, have: impl ToString, holds: bool, want: &'static str) -> Result<(), RecipeError> {
    if holds { Ok(()) } else { Err(RecipeError::Range { key, have: have.to_string(), want }) }
}
