/// What a forward pass says of each predicted token, row by row; natural logarithms. Rows are positions of all
/// sequences of a batch, one sequence after the other; a row without a target holds zeros.
///
/// With `p` the policy's distribution at a row and `q` the reference's. What concerns `q` is 0 without a reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TokenStatistics {
    /// `log p(target)`.
    pub logp: Vec<f32>,
    /// `log q(target)`.
    pub reference_logp: Vec<f32>,
    /// `-Σ p log p`, nats.
    pub entropy: Vec<f32>,
    /// `KL(q ‖ p)`, nats: the reference first, as TDPO's sequential KL asks.
    pub forward_kl: Vec<f32>,
    /// `KL(p ‖ q)`, nats.
    pub reverse_kl: Vec<f32>,
}

/// The derivatives of a loss by the [`TokenStatistics`] of each row: all that an objective says of a gradient.
///
/// The gradient of the loss by the logits of row `t` is
/// `logp[t] · (onehot - p) + forward_kl[t] · (p - q) + reverse_kl[t] · p · (log p - log q - KL(p ‖ q))`.
/// The cross-entropy of `n` tokens has `logp[t] = -1/n`. Means over batches are the objective's: nothing is divided
/// later.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Coefficients {
    /// `∂L/∂ log p(target)`, which multiplies `onehot - p`.
    pub logp: Vec<f32>,
    /// `∂L/∂ KL(q ‖ p)`, which multiplies `p - q`.
    pub forward_kl: Vec<f32>,
    /// `∂L/∂ KL(p ‖ q)`.
    pub reverse_kl: Vec<f32>,
}

impl Coefficients {
    /// Zeros for `rows` rows: a loss that depends on nothing.
    pub fn zeros(rows: usize) -> Self {
        Self { logp: vec![0.0; rows], forward_kl: vec![0.0; rows], reverse_kl: vec![0.0; rows] }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.logp.len()
    }
}
