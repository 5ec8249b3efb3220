//! The policy, and what is exact about it.

use crate::random::Random;

/// Sizes of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Different tokens.
    pub vocabulary: usize,
    /// Tokens of a response.
    pub tokens: usize,
}

impl Shape {
    /// States: one before the first token, and one for each token before every later position.
    pub fn states(&self) -> usize {
        1 + (self.tokens.saturating_sub(1)) * self.vocabulary
    }

    /// The state in which the token at `position` is drawn.
    pub fn state(&self, position: usize, before: usize) -> usize {
        if position == 0 { 0 } else { 1 + (position - 1) * self.vocabulary + before }
    }

    /// The states of a response, one for each token.
    pub fn states_of<'a>(&'a self, response: &'a [usize]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let before = std::iter::once(0).chain(response.iter().copied());
        response
            .iter()
            .zip(before)
            .enumerate()
            .map(|(position, (token, before))| (self.state(position, before), *token))
    }
}

/// Logits `[states, vocabulary]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its sizes.
    pub shape: Shape,
    /// Logits, a row for each state.
    pub logits: Vec<f64>,
}

/// Expectations of whole responses under a policy, exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exact {
    /// Mean reward.
    pub reward: f64,
    /// Entropy, nats.
    pub entropy: f64,
    /// KL(π‖ref), nats.
    pub kl_policy_ref: f64,
    /// KL(ref‖π), nats.
    pub kl_ref_policy: f64,
}

impl Policy {
    /// Normal logits of a spread, from a seed.
    pub fn random(shape: Shape, spread: f64, random: &mut Random) -> Self {
        let logits = (0..shape.states() * shape.vocabulary).map(|_| spread * random.normal()).collect();
        Self { shape, logits }
    }

    /// ln p of every token in every state, `[states, vocabulary]`.
    pub fn log_probs(&self) -> Vec<f64> {
        let mut all = Vec::with_capacity(self.logits.len());
        for row in self.logits.chunks_exact(self.shape.vocabulary) {
            let normaliser = crate::row::Normaliser::of(row, 1.0);
            all.extend(row.iter().map(|logit| normaliser.log_prob(*logit)));
        }
        all
    }

    /// A response, token by token.
    pub fn sample(&self, probabilities: &[f64], random: &mut Random) -> Vec<usize> {
        let (mut response, mut before) = (Vec::with_capacity(self.shape.tokens), 0);
        for position in 0..self.shape.tokens {
            let state = self.shape.state(position, before);
            before = random.weighted(&probabilities[state * self.shape.vocabulary..][..self.shape.vocabulary]);
            response.push(before);
        }
        response
    }

    /// Chances of being in each state.
    fn visits(&self, log_probs: &[f64]) -> Vec<f64> {
        let Shape { vocabulary, tokens } = self.shape;
        let mut chances = vec![0.0; self.shape.states()];
        chances[0] = 1.0;
        for position in 0..tokens.saturating_sub(1) {
            let befores = if position == 0 { 1 } else { vocabulary };
            for before in 0..befores {
                let state = self.shape.state(position, before);
                for token in 0..vocabulary {
                    let chance = chances[state] * libm::exp(log_probs[state * vocabulary + token]);
                    chances[self.shape.state(position + 1, token)] += chance;
                }
            }
        }
        chances
    }

    /// What is exact, for rewards that are sums of each token's valence.
    pub fn exact(&self, reference: &Self, valences: &[f64]) -> Exact {
        let (of_policy, of_reference) = (self.log_probs(), reference.log_probs());
        let mut all = Exact { reward: 0.0, entropy: 0.0, kl_policy_ref: 0.0, kl_ref_policy: 0.0 };
        let vocabulary = self.shape.vocabulary;
        let reference_visits = reference.visits(&of_reference);
        for (state, chance) in self.visits(&of_policy).into_iter().enumerate() {
            for token in 0..vocabulary {
                let (log_p, log_q) = (of_policy[state * vocabulary + token], of_reference[state * vocabulary + token]);
                let p = chance * libm::exp(log_p);
                all.reward += p * valences[token];
                all.entropy -= p * log_p;
                all.kl_policy_ref += p * (log_p - log_q);
                all.kl_ref_policy += reference_visits[state] * libm::exp(log_q) * (log_q - log_p);
            }
        }
        all
    }
}
