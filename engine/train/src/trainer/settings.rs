use frugal_model::decoder::Decoder;
use frugal_tensor::{NO_COLUMN, Optimiser, OptimiserSettings, SETTINGS};

use crate::error::setting;
use crate::network::{Lora, Sizes};
use crate::{Schedule, TrainError};

/// An optimiser with its numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimise {
    /// The rule.
    pub rule: Optimiser,
    /// Height of the schedule.
    pub learning_rate: f64,
    /// Decay of the first moment, or SGD's momentum.
    pub beta1: f64,
    /// Decay of the second moment; Lion's of its momentum.
    pub beta2: f64,
    /// Added to a root that divides.
    pub eps: f64,
    /// Pull towards 0.
    pub weight_decay: f64,
    /// Whether gains and biases decay too.
    pub decay_vectors: bool,
}

impl Optimise {
    /// A rule with the numbers of its paper, or of PyTorch where there is none, and no decay.
    pub fn new(rule: Optimiser, learning_rate: f64) -> Self {
        let (beta1, beta2) = match rule {
            Optimiser::AdamW => (0.9, 0.999),
            Optimiser::Sgd => (0.9, 0.0),
            Optimiser::RmsProp => (0.0, 0.99),
            Optimiser::Lion => (0.9, 0.99),
        };
        Self { rule, learning_rate, beta1, beta2, eps: 1e-8, weight_decay: 0.0, decay_vectors: false }
    }
}

/// How a decoder learns.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Of a batch.
    pub sizes: Sizes,
    /// The optimiser.
    pub optimise: Optimise,
    /// Its rate over the run.
    pub schedule: Schedule,
    /// Steps of the run, which the schedule counts.
    pub steps: u64,
    /// Most that the gradient's norm may be.
    pub clip_norm: Option<f64>,
    /// Parts of names of parameters that stay as they are.
    pub frozen: Vec<String>,
    /// Adapters, beside which every other parameter stays.
    pub lora: Option<Lora>,
}

impl Settings {
    pub(super) fn check(&self, decoder: &Decoder) -> Result<(), TrainError> {
        let Sizes { sequences, time, logit_rows, .. } = self.sizes;
        for (what, value) in [("sequences", sequences), ("time", time), ("logit_rows", logit_rows)] {
            if value == 0 {
                return Err(setting(what, 0, "it must be at least 1"));
            }
        }
        if time > decoder.context() {
            return Err(setting("time", time, format!("the model has {} positions", decoder.context())));
        }
        let Optimise { learning_rate, beta1, beta2, eps, weight_decay, .. } = self.optimise;
        for (what, value) in [("beta1", beta1), ("beta2", beta2)] {
            if !(0.0..1.0).contains(&value) {
                return Err(setting(what, value, "it must be from 0 to below 1"));
            }
        }
        for (what, value) in [("learning_rate", learning_rate), ("eps", eps), ("weight_decay", weight_decay)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(setting(what, value, "it must be 0 or above"));
            }
        }
        if let Some(limit) = self.clip_norm
            && (limit.is_nan() || limit <= 0.0)
        {
            return Err(setting("clip_norm", limit, "it must be above 0; leave it out for no limit"));
        }
        if let Some(lora) = &self.lora
            && lora.rank == 0
        {
            return Err(setting("rank", 0, "it must be at least 1"));
        }
        Ok(())
    }

    pub(super) fn rate(&self, step: u64) -> f64 {
        self.optimise.learning_rate * self.schedule.share(step, self.steps)
    }

    /// What the optimiser is told at a step: with decay, and without.
    #[allow(clippy::cast_possible_truncation)] // f32 is what the operator reads
    pub(super) fn rows(&self, step: u64) -> [[f32; SETTINGS]; 2] {
        let Optimise { beta1, beta2, eps, weight_decay, .. } = self.optimise;
        let correction = |beta: f64| (1.0 - beta.powf(step as f64)) as f32;
        [weight_decay, 0.0].map(|weight_decay| {
            let settings = OptimiserSettings {
                learning_rate: self.rate(step) as f32,
                beta1: beta1 as f32,
                beta2: beta2 as f32,
                eps: eps as f32,
                weight_decay: weight_decay as f32,
                correction1: correction(beta1),
                correction2: correction(beta2),
            };
            settings.row()
        })
    }
}

/// Sequences one after the other, each of `time` tokens.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// `[sequences · time]`.
    pub tokens: &'a [u32],
    /// `[sequences · time]`: the token that each one is to predict, or [`NO_COLUMN`].
    pub targets: &'a [u32],
}

impl Batch<'_> {
    /// Tokens that have a target.
    pub fn counted(&self) -> usize {
        self.targets.iter().filter(|target| **target != NO_COLUMN).count()
    }
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// From 1.
    pub step: u64,
    /// Mean cross-entropy before the step, nats.
    pub loss: f64,
    /// Tokens that it is the mean of.
    pub tokens: usize,
    /// Of the gradient, before it was clipped.
    pub gradient_norm: f64,
    /// Of this step.
    pub learning_rate: f64,
}

/// Cross-entropy of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// Mean, nats.
    pub loss: f64,
    /// Tokens that it is the mean of.
    pub tokens: usize,
}
