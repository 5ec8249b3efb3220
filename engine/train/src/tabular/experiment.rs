//! Pairs from the reference, judged by a known reward, and a policy that learns from them by any preference objective.

use super::policy::{Exact, Policy, Shape};
use crate::mask::Mask;
use crate::objective::preference::Preference;
use crate::objective::{ObjectiveError, Rows};
use crate::random::Random;
use crate::real::Real;

/// A reference, a reward, and pairs of its responses, labelled by Bradley and Terry's model.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where every policy begins, and what it is held to.
    pub reference: Policy,
    /// Reward of each token; that of a response is their sum.
    pub valences: Vec<f64>,
    /// Chosen and rejected responses.
    pub pairs: Vec<(Vec<usize>, Vec<usize>)>,
}

/// Spread of the reference's logits.
const SPREAD: f64 = 0.6;

impl Problem {
    /// Two responses of the reference for each pair; the first is chosen with chance σ(r₁ − r₂). Valences lie evenly
    /// between −1 and 1 in random order.
    pub fn new(shape: Shape, pairs: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let reference = Policy::random(shape, SPREAD, &mut random);
        let step = 2.0 / (shape.vocabulary.max(2) - 1) as f64;
        let mut valences: Vec<f64> = (0..shape.vocabulary).map(|token| -1.0 + step * token as f64).collect();
        random.shuffle(&mut valences);
        let probabilities: Vec<f64> = reference.log_probs().into_iter().map(libm::exp).collect();
        let reward = |response: &[usize]| response.iter().map(|token| valences[*token]).sum::<f64>();
        let pairs = (0..pairs)
            .map(|_| {
                let [first, second] = [0, 1].map(|_| reference.sample(&probabilities, &mut random));
                let chance = (reward(&first) - reward(&second)).log_sigmoid().exp();
                if random.unit() < chance { (first, second) } else { (second, first) }
            })
            .collect();
        Self { reference, valences, pairs }
    }
}

/// Adam's constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// Learning rate.
    pub rate: f64,
    /// Decay of the first moment.
    pub first: f64,
    /// Decay of the second moment.
    pub second: f64,
    /// What is added to its root.
    pub epsilon: f64,
}

impl Adam {
    /// Usual constants at a learning rate.
    pub fn at(rate: f64) -> Self {
        Self { rate, first: 0.9, second: 0.999, epsilon: 1e-8 }
    }
}

/// How a policy learns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What it lowers.
    pub preference: Preference,
    /// Steps.
    pub steps: u64,
    /// Pairs of each step.
    pub batch: usize,
    /// How it moves.
    pub adam: Adam,
    /// Steps between evaluations.
    pub every: u64,
    /// Order of the pairs.
    pub seed: u64,
}

/// One look at a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Steps taken.
    pub step: u64,
    /// Expectations of whole responses.
    pub exact: Exact,
    /// Mean over all pairs of Σ KL(ref‖π) along the chosen response.
    pub seq_kl_chosen: f64,
    /// The same along the rejected response.
    pub seq_kl_rejected: f64,
    /// Loss of the step's batch; none before the first.
    pub loss: Option<f64>,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Evaluations in order of steps, the start among them.
    pub evaluations: Vec<Evaluation>,
    /// What was learnt.
    pub policy: Policy,
}

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// A setting or a batch that the objective refuses.
    #[error("step {step}: {source}")]
    Objective {
        /// The step, from 1.
        step: u64,
        /// What it says.
        source: ObjectiveError,
    },
    /// No pairs, no steps between evaluations, or an empty batch.
    #[error("{0} must be above 0")]
    Empty(&'static str),
    /// The loss is no number any more.
    #[error("step {step}: the loss is {loss}; a lower learning rate may help")]
    Diverged {
        /// The step, from 1.
        step: u64,
        /// What it became.
        loss: f64,
    },
}

/// Learns from the problem's pairs. The same settings give the same bits.
///
/// # Errors
/// [`RunError`] names the step.
pub fn run(problem: &Problem, settings: &Settings) -> Result<Run, RunError> {
    for (what, count) in [
        ("the number of pairs", problem.pairs.len()),
        ("the batch", settings.batch),
        ("the steps between evaluations", usize::try_from(settings.every).unwrap_or(usize::MAX)),
    ] {
        if count == 0 {
            return Err(RunError::Empty(what));
        }
    }
    let mut learner = Learner::new(problem, settings);
    let mut evaluations = vec![learner.evaluate(0, None)];
    for step in 1..=settings.steps {
        let loss = learner.step().map_err(|source| RunError::Objective { step, source })?;
        if !loss.is_finite() {
            return Err(RunError::Diverged { step, loss });
        }
        if step.is_multiple_of(settings.every) || step == settings.steps {
            evaluations.push(learner.evaluate(step, Some(loss)));
        }
    }
    Ok(Run { evaluations, policy: learner.policy })
}

struct Learner<'a> {
    problem: &'a Problem,
    settings: &'a Settings,
    policy: Policy,
    of_reference: Vec<f64>,
    moments: Vec<(f64, f64)>,
    order: Vec<usize>,
    cursor: usize,
    steps: u64,
    random: Random,
    mask: Mask,
}

impl<'a> Learner<'a> {
    fn new(problem: &'a Problem, settings: &'a Settings) -> Self {
        let policy = problem.reference.clone();
        let rows = 2 * settings.batch * policy.shape.tokens;
        let mask = Mask::new(2 * settings.batch, policy.shape.tokens, vec![true; rows]);
        Self {
            of_reference: policy.log_probs(),
            moments: vec![(0.0, 0.0); policy.logits.len()],
            order: (0..problem.pairs.len()).collect(),
            cursor: problem.pairs.len(),
            steps: 0,
            random: Random::new(settings.seed),
            mask: mask.unwrap_or_else(|_| unreachable!("every row counts")),
            policy,
            problem,
            settings,
        }
    }

    /// The next pairs, in a new order once all were seen.
    fn batch(&mut self) -> Vec<usize> {
        (0..self.settings.batch)
            .map(|_| {
                if self.cursor == self.order.len() {
                    self.random.shuffle(&mut self.order);
                    self.cursor = 0;
                }
                self.cursor += 1;
                self.order[self.cursor - 1]
            })
            .collect()
    }

    fn step(&mut self) -> Result<f64, ObjectiveError> {
        let (batch, shape) = (self.batch(), self.policy.shape);
        let pairs = &self.problem.pairs;
        let responses = batch.iter().map(|pair| &pairs[*pair].0).chain(batch.iter().map(|pair| &pairs[*pair].1));
        let visited: Vec<(usize, usize)> = responses.flat_map(|response| shape.states_of(response)).collect();
        let log_probs = self.policy.log_probs();
        let divergences = divergences(shape, &self.of_reference, &log_probs);
        let at = |table: &[f64]| -> Vec<f64> {
            visited.iter().map(|(state, token)| table[state * shape.vocabulary + token]).collect()
        };
        let (log_prob, reference) = (at(&log_probs), at(&self.of_reference));
        let by_state: Vec<f64> = visited.iter().map(|(state, _)| divergences[*state]).collect();
        let rows = Rows { mask: &self.mask, log_prob: &log_prob, reference: &reference };
        let outcome = self.settings.preference.evaluate(&rows, Some(&by_state))?;
        let mut gradient = vec![0.0; log_probs.len()];
        let slopes = outcome.gradients.log_prob.iter().zip(&outcome.gradients.kl_ref_policy);
        for ((state, token), (hit, pull)) in visited.iter().zip(slopes) {
            let row = state * shape.vocabulary..(state + 1) * shape.vocabulary;
            gradient[row.start + token] += hit;
            for index in row {
                let p = libm::exp(log_probs[index]);
                gradient[index] += pull * (p - libm::exp(self.of_reference[index])) - hit * p;
            }
        }
        self.descend(&gradient);
        Ok(outcome.loss)
    }

    fn descend(&mut self, gradient: &[f64]) {
        let Adam { rate, first, second, epsilon } = self.settings.adam;
        self.steps += 1;
        let grown = |decay: f64| 1.0 - libm::pow(decay, self.steps as f64);
        let (of_first, of_second) = (grown(first), grown(second));
        for ((logit, moments), slope) in self.policy.logits.iter_mut().zip(&mut self.moments).zip(gradient) {
            moments.0 = first * moments.0 + (1.0 - first) * slope;
            moments.1 = second * moments.1 + (1.0 - second) * slope * slope;
            *logit -= rate * (moments.0 / of_first) / ((moments.1 / of_second).sqrt() + epsilon);
        }
    }

    fn evaluate(&self, step: u64, loss: Option<f64>) -> Evaluation {
        let shape = self.policy.shape;
        let divergences = divergences(shape, &self.of_reference, &self.policy.log_probs());
        let along = |response: &[usize]| shape.states_of(response).map(|(state, _)| divergences[state]).sum::<f64>();
        let count = self.problem.pairs.len() as f64;
        let pairs = &self.problem.pairs;
        Evaluation {
            step,
            exact: self.policy.exact(&self.problem.reference, &self.problem.valences),
            seq_kl_chosen: pairs.iter().map(|(chosen, _)| along(chosen)).sum::<f64>() / count,
            seq_kl_rejected: pairs.iter().map(|(_, rejected)| along(rejected)).sum::<f64>() / count,
            loss,
        }
    }
}

/// KL(ref‖π) of every state.
fn divergences(shape: Shape, of_reference: &[f64], of_policy: &[f64]) -> Vec<f64> {
    let rows = of_reference.chunks_exact(shape.vocabulary).zip(of_policy.chunks_exact(shape.vocabulary));
    rows.map(|(q, p)| q.iter().zip(p).map(|(log_q, log_p)| libm::exp(*log_q) * (log_q - log_p)).sum()).collect()
}
