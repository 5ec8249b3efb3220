use frugal_decode::Sampling;
use frugal_model::config::Config;
use frugal_model::decoder::LoadError;
use frugal_tensor::Backend;
use frugal_train::data::{Order, PairTokens, ResponseTokens};
use frugal_train::objective::ObjectiveError;
use frugal_train::objective::preference::Preference;
use frugal_train::objective::{RowGradients, Rows};
use frugal_train::{Mask, Progress, Random, RowsError, Settings, TrainError, Trainer};

use super::Start;
use super::batch::Filled;

/// Examples to learn from, and those that are kept apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Split<T> {
    /// Learnt from; at least one.
    pub learnt: Vec<T>,
    /// Looked at by [`TrainingSession::evaluate`] alone; may be empty.
    pub held_out: Vec<T>,
}

/// What is learnt, from what. An objective stands only beside the examples that it needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Learning {
    /// The next token of texts. Each window is one token longer than a sequence.
    Text(Split<Vec<u32>>),
    /// Answers to prompts; cross-entropy of the answer's tokens.
    Answers(Split<ResponseTokens>),
    /// The better of two answers. A batch holds half as many pairs as it has sequences, and the policy is held against
    /// the parameters that it starts from.
    Pairs {
        /// What is minimised.
        objective: Preference,
        /// The pairs.
        examples: Split<PairTokens>,
    },
}

/// All that a run is made of.
#[derive(Debug, Clone)]
pub struct Setup<'a> {
    /// Shape of the decoder.
    pub config: &'a Config,
    /// Its parameters.
    pub start: Start<'a>,
    /// What it learns.
    pub learning: Learning,
    /// How it learns.
    pub settings: Settings,
    /// Batches whose gradients make one step; at least 1.
    pub accumulate: usize,
    /// Seed of the order of examples.
    pub seed: u64,
}

/// Why a run cannot begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// Parameters that cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The trainer.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The objective.
    #[error(transparent)]
    Objective(#[from] ObjectiveError),
    /// Nothing to learn from.
    #[error("there is no example to learn from: give more, or keep fewer apart")]
    NoExamples,
    /// Pairs need two sequences each.
    #[error("a batch of {sequences} sequences holds no whole pairs: choose an even number")]
    OddBatch {
        /// Sequences of a batch.
        sequences: usize,
    },
    /// An example that is longer than a sequence.
    #[error("an example of {tokens} tokens in sequences of {time}")]
    TooLong {
        /// Tokens that it feeds.
        tokens: usize,
        /// Tokens of a sequence.
        time: usize,
    },
}

/// A step, or a look at what was kept apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Steps taken.
    pub step: u64,
    /// The objective's mean: nats a token, or nats a pair.
    pub loss: f64,
    /// Tokens that were predicted.
    pub tokens: u64,
    /// Norm of the gradient before it was bounded; absent for a look.
    pub gradient_norm: Option<f64>,
    /// Learning rate of the step; absent for a look.
    pub learning_rate: Option<f64>,
    /// What the objective says besides.
    pub metrics: Vec<(&'static str, f64)>,
}

/// A decoder that learns on a backend.
pub struct TrainingSession {
    backend: Box<dyn Backend>,
    trainer: Trainer,
    learning: Learning,
    order: Order,
    seed: u64,
    sequences: usize,
    time: usize,
    accumulate: usize,
    tokens: u64,
}

impl TrainingSession {
    /// Loads or draws the parameters and prepares every step.
    ///
    /// # Errors
    /// [`TrainingError`].
    pub fn new(setup: Setup<'_>, mut backend: Box<dyn Backend>) -> Result<Self, TrainingError> {
        let Setup { config, start, learning, settings, accumulate, seed } = setup;
        let sizes = settings.sizes;
        learning.check(sizes.sequences, sizes.time)?;
        let decoder = start.decoder(config, backend.as_mut())?;
        let reference = match learning {
            Learning::Pairs { .. } => Some(start.decoder(config, backend.as_mut())?),
            Learning::Text(_) | Learning::Answers(_) => None,
        };
        let trainer = Trainer::new(decoder, reference, &settings, backend.as_mut())?;
        let order = Order::new(learning.learnt(), seed, 0).ok_or(TrainingError::NoExamples)?;
        let (sequences, time) = (sizes.sequences, sizes.time);
        Ok(Self { backend, trainer, learning, order, seed, sequences, time, accumulate: accumulate.max(1), tokens: 0 })
    }

    /// Takes one step.
    ///
    /// # Errors
    /// [`TrainingError`]; after [`TrainError::NotFinite`] the parameters are as before.
    pub fn step(&mut self) -> Result<Report, TrainingError> {
        let batches: Vec<(Filled, usize)> = (0..self.accumulate).map(|_| self.next_batch()).collect();
        let report = match self.learning {
            Learning::Text(_) | Learning::Answers(_) => {
                let batches: Vec<_> = batches.iter().map(|(filled, _)| filled.batch()).collect();
                let step = self.trainer.step(self.backend.as_mut(), &batches)?;
                Report {
                    step: step.step,
                    loss: step.loss,
                    tokens: step.tokens as u64,
                    gradient_norm: Some(step.gradient_norm),
                    learning_rate: Some(step.learning_rate),
                    metrics: Vec::new(),
                }
            }
            Learning::Pairs { objective, .. } => self.preference_step(objective, &batches)?,
        };
        self.tokens += report.tokens;
        Ok(report)
    }

    fn preference_step(&mut self, objective: Preference, batches: &[(Filled, usize)]) -> Result<Report, TrainingError> {
        let mut mean = Mean::default();
        let share = (batches.len() as f32).recip();
        for (filled, count) in batches {
            let outcome = self.pairs(objective, filled, *count)?;
            let mut coefficients = outcome.coefficients;
            let all = [&mut coefficients.log_prob, &mut coefficients.kl_ref_policy, &mut coefficients.kl_policy_ref];
            all.into_iter().flatten().for_each(|value| *value *= share);
            self.trainer.accumulate(self.backend.as_mut(), &coefficients)?;
            mean.add(outcome.loss, &outcome.metrics, outcome.tokens, *count);
        }
        let step = self.trainer.apply(self.backend.as_mut())?;
        Ok(mean.report(step.step, Some(step.gradient_norm), Some(step.learning_rate)))
    }

    /// The objective over everything that was kept apart; nothing is learnt. `None` where nothing was.
    ///
    /// # Errors
    /// [`TrainingError`].
    pub fn evaluate(&mut self) -> Result<Option<Report>, TrainingError> {
        let (mut mean, mut at) = (Mean::default(), 0);
        while let Some((filled, count)) = self.held_out_batch(at) {
            at += count;
            match self.learning {
                Learning::Text(_) | Learning::Answers(_) => {
                    let evaluation = self.trainer.evaluate(self.backend.as_mut(), &filled.batch())?;
                    mean.add(evaluation.loss, &[], evaluation.tokens, evaluation.tokens);
                }
                Learning::Pairs { objective, .. } => {
                    let outcome = self.pairs(objective, &filled, count)?;
                    mean.add(outcome.loss, &outcome.metrics, outcome.tokens, count);
                }
            }
        }
        Ok((at > 0).then(|| mean.report(self.trainer.steps_taken(), None, None)))
    }

    /// Scores a batch of `count` pairs: loss, metrics, and derivatives for every row of the batch.
    fn pairs(&mut self, objective: Preference, filled: &Filled, count: usize) -> Result<PairOutcome, TrainingError> {
        let statistics = self.trainer.score(self.backend.as_mut(), &filled.batch())?;
        let half = self.sequences / 2;
        let real: Vec<usize> = (0..count).chain(half..half + count).collect();
        let time = self.time;
        let mask = Mask::new(2 * count, time, filled.kept(real.iter().copied())).map_err(objective_error)?;
        let rows =
            |values: &[f32]| -> Vec<f32> { real.iter().flat_map(|at| &values[at * time..][..time]).copied().collect() };
        let (log_prob, reference) = (rows(&statistics.log_prob), rows(&statistics.reference));
        let divergences = rows(&statistics.kl_ref_policy);
        let rows = Rows { mask: &mask, log_prob: &log_prob, reference: &reference };
        let outcome = objective.evaluate(&rows, Some(&divergences))?;
        let gradients = outcome.gradients;
        let mut coefficients = RowGradients::zeros(self.sequences * time);
        for (from, at) in real.iter().enumerate() {
            let (from, to) = (from * time, at * time);
            coefficients.log_prob[to..to + time].copy_from_slice(&gradients.log_prob[from..from + time]);
            coefficients.kl_ref_policy[to..to + time].copy_from_slice(&gradients.kl_ref_policy[from..from + time]);
            coefficients.kl_policy_ref[to..to + time].copy_from_slice(&gradients.kl_policy_ref[from..from + time]);
        }
        let metrics = outcome.metrics.iter().collect();
        Ok(PairOutcome { loss: f64::from(outcome.loss), metrics, tokens: mask.count(), coefficients })
    }

    /// A batch of the next examples, and how many it holds.
    fn next_batch(&mut self) -> (Filled, usize) {
        let count = self.examples_per_batch();
        let chosen: Vec<usize> = (0..count).map(|_| self.order.next_index()).collect();
        (self.filled(&chosen, false), count)
    }

    fn held_out_batch(&self, from: usize) -> Option<(Filled, usize)> {
        let all = self.learning.held_out();
        let chosen: Vec<usize> = (from..all.min(from + self.examples_per_batch())).collect();
        (!chosen.is_empty()).then(|| (self.filled(&chosen, true), chosen.len()))
    }

    fn examples_per_batch(&self) -> usize {
        match self.learning {
            Learning::Pairs { .. } => self.sequences / 2,
            Learning::Text(_) | Learning::Answers(_) => self.sequences,
        }
    }

    fn filled(&self, chosen: &[usize], held_out: bool) -> Filled {
        let mut filled = Filled::empty(self.sequences, self.time);
        for (at, index) in chosen.iter().enumerate() {
            match &self.learning {
                Learning::Text(split) => filled.window(at, &split.of(held_out)[*index]),
                Learning::Answers(split) => filled.response(at, &split.of(held_out)[*index]),
                Learning::Pairs { examples, .. } => filled.pair(at, &examples.of(held_out)[*index]),
            }
        }
        filled
    }

    /// What the model writes after `prompt` as it is now.
    ///
    /// # Errors
    /// [`TrainingError`]; a prompt without tokens, or over the context.
    pub fn sample(
        &mut self,
        prompt: &[u32],
        max_tokens: usize,
        end: &[u32],
        sampling: &Sampling,
    ) -> Result<Vec<u32>, TrainingError> {
        Ok(self.trainer.sample(self.backend.as_mut(), prompt, max_tokens, end, sampling)?)
    }

    /// Everything by which the run goes on to the same bits.
    ///
    /// # Errors
    /// [`TrainingError::Train`].
    pub fn checkpoint(&mut self) -> Result<Vec<u8>, TrainingError> {
        let step = self.trainer.steps_taken();
        let progress = Progress { step, cursor: self.order.cursor(), random: self.seed, tokens: self.tokens };
        Ok(self.trainer.checkpoint(self.backend.as_mut(), &progress)?)
    }

    /// Goes on where a checkpoint was taken.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] for one of another run.
    pub fn resume(&mut self, checkpoint: &[u8]) -> Result<(), TrainingError> {
        let progress = self.trainer.resume(self.backend.as_mut(), checkpoint)?;
        if progress.random != self.seed {
            let what = format!("it was written with seed {}, this run has {}", progress.random, self.seed);
            return Err(TrainError::Checkpoint { what }.into());
        }
        self.order = Order::new(self.learning.learnt(), self.seed, progress.cursor).ok_or(TrainingError::NoExamples)?;
        self.tokens = progress.tokens;
        Ok(())
    }

    /// The parameters as a safetensors file, adapters added in.
    ///
    /// # Errors
    /// [`TrainingError::Train`].
    pub fn weights(&mut self) -> Result<Vec<u8>, TrainingError> {
        Ok(self.trainer.weights(self.backend.as_mut())?)
    }

    /// Steps taken.
    pub fn steps_taken(&self) -> u64 {
        self.trainer.steps_taken()
    }

    /// Tokens learnt from so far.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Numbers that are learnt.
    pub fn learnt_parameters(&self) -> usize {
        self.trainer.learnt_parameters()
    }

    /// All numbers of the decoder.
    pub fn parameters(&self) -> usize {
        self.trainer.decoder().parameters().iter().map(|parameter| parameter.shape.iter().product::<usize>()).sum()
    }

    /// What computes.
    pub fn backend(&self) -> String {
        self.backend.describe()
    }

    /// Bytes that the backend holds.
    pub fn memory(&self) -> frugal_tensor::MemoryUse {
        self.backend.memory()
    }
}

impl<T> Split<T> {
    /// Keeps a share apart, chosen by a seed; at least one example is left to learn from.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a length
    pub fn cut(mut all: Vec<T>, share: f64, seed: u64) -> Self {
        Random::new(seed).shuffle(&mut all);
        let held_out = ((all.len() as f64 * share).round() as usize).min(all.len().saturating_sub(1));
        let learnt = all.split_off(held_out);
        Self { learnt, held_out: all }
    }

    fn of(&self, held_out: bool) -> &[T] {
        if held_out { &self.held_out } else { &self.learnt }
    }
}

impl Learning {
    fn learnt(&self) -> usize {
        match self {
            Self::Text(split) => split.learnt.len(),
            Self::Answers(split) => split.learnt.len(),
            Self::Pairs { examples, .. } => examples.learnt.len(),
        }
    }

    fn held_out(&self) -> usize {
        match self {
            Self::Text(split) => split.held_out.len(),
            Self::Answers(split) => split.held_out.len(),
            Self::Pairs { examples, .. } => examples.held_out.len(),
        }
    }

    fn check(&self, sequences: usize, time: usize) -> Result<(), TrainingError> {
        if self.learnt() == 0 {
            return Err(TrainingError::NoExamples);
        }
        let fed = |prompt: &[u32], response: &[u32]| (prompt.len() + response.len()).saturating_sub(1);
        let longest = match self {
            Self::Text(split) => split.all().map(|window| window.len().saturating_sub(1)).max(),
            Self::Answers(split) => split.all().map(|example| fed(&example.prompt, &example.response)).max(),
            Self::Pairs { objective, examples } => {
                objective.check()?;
                if !sequences.is_multiple_of(2) {
                    return Err(TrainingError::OddBatch { sequences });
                }
                let both = |pair: &PairTokens| fed(&pair.prompt, &pair.chosen).max(fed(&pair.prompt, &pair.rejected));
                examples.all().map(both).max()
            }
        };
        match longest {
            Some(tokens) if tokens > time => Err(TrainingError::TooLong { tokens, time }),
            _ => Ok(()),
        }
    }
}

impl<T> Split<T> {
    fn all(&self) -> impl Iterator<Item = &T> {
        self.learnt.iter().chain(&self.held_out)
    }
}

struct PairOutcome {
    loss: f64,
    metrics: Vec<(&'static str, f64)>,
    tokens: usize,
    coefficients: RowGradients<f32>,
}

/// Means over batches of different weight.
#[derive(Default)]
struct Mean {
    weight: f64,
    loss: f64,
    tokens: u64,
    metrics: Vec<(&'static str, f64)>,
}

impl Mean {
    fn add(&mut self, loss: f64, metrics: &[(&'static str, f64)], tokens: usize, weight: usize) {
        let weight = weight as f64;
        self.weight += weight;
        self.loss += weight * loss;
        self.tokens += tokens as u64;
        if self.metrics.is_empty() {
            self.metrics = metrics.iter().map(|(name, _)| (*name, 0.0)).collect();
        }
        for ((_, sum), (_, value)) in self.metrics.iter_mut().zip(metrics) {
            *sum += weight * value;
        }
    }

    fn report(self, step: u64, gradient_norm: Option<f64>, learning_rate: Option<f64>) -> Report {
        let weight = self.weight;
        Report {
            step,
            loss: self.loss / weight,
            tokens: self.tokens,
            gradient_norm,
            learning_rate,
            metrics: self.metrics.into_iter().map(|(name, sum)| (name, sum / weight)).collect(),
        }
    }
}

fn objective_error(error: RowsError) -> TrainingError {
    TrainingError::Objective(error.into())
}
