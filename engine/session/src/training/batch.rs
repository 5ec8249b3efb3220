//! Examples side by side: what a decoder is fed, and what it is to predict.

use frugal_tensor::NO_COLUMN;
use frugal_train::Batch;
use frugal_train::data::{PairTokens, ResponseTokens};

/// `[sequences · time]` tokens and targets; places that no example fills predict nothing.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    time: usize,
    tokens: Vec<u32>,
    targets: Vec<u32>,
}

impl Filled {
    pub(super) fn empty(sequences: usize, time: usize) -> Self {
        let rows = sequences * time;
        Self { time, tokens: vec![0; rows], targets: vec![NO_COLUMN; rows] }
    }

    pub(super) fn batch(&self) -> Batch<'_> {
        Batch { tokens: &self.tokens, targets: &self.targets }
    }

    /// Whether a row predicts something, for the rows of these sequences one after the other.
    pub(super) fn kept(&self, sequences: impl Iterator<Item = usize>) -> Vec<bool> {
        sequences
            .flat_map(|at| &self.targets[at * self.time..][..self.time])
            .map(|target| *target != NO_COLUMN)
            .collect()
    }

    /// Every token but the first is predicted.
    pub(super) fn window(&mut self, at: usize, window: &[u32]) {
        self.put(at, window, 1);
    }

    /// The response's tokens are predicted.
    pub(super) fn response(&mut self, at: usize, example: &ResponseTokens) {
        self.both(at, &example.prompt, &example.response);
    }

    /// The chosen response in the first half of the sequences, the rejected one in the second.
    pub(super) fn pair(&mut self, at: usize, example: &PairTokens) {
        let half = self.tokens.len() / self.time / 2;
        self.both(at, &example.prompt, &example.chosen);
        self.both(half + at, &example.prompt, &example.rejected);
    }

    fn both(&mut self, at: usize, prompt: &[u32], response: &[u32]) {
        let whole: Vec<u32> = prompt.iter().chain(response).copied().collect();
        self.put(at, &whole, prompt.len());
    }

    /// Tokens from index `first` of `whole` on are predicted, each from those before it.
    fn put(&mut self, at: usize, whole: &[u32], first: usize) {
        let start = at * self.time;
        for (row, (token, next)) in whole.iter().zip(whole.get(1..).unwrap_or_default()).enumerate() {
            self.tokens[start + row] = *token;
            self.targets[start + row] = if row + 1 < first { NO_COLUMN } else { *next };
        }
    }
}
