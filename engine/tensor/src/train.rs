//! Operators of training: gradients, losses over a vocabulary, optimisers. What each computes stands in `cpu`.

use crate::{Activation, TensorId};

/// Columns of the statistics that [`Train::LogProb`] writes, in this order: `log p(target)`, `log q(target)`, the
/// entropy of `p`, `KL(q ‖ p)`, `KL(p ‖ q)`, and the logarithms of the sums of exponentials under `p` and `q`.
pub const STATISTICS: usize = 7;

/// Columns of the coefficients that [`Train::LogProbGrad`] reads: of `log p(target)`, `KL(q ‖ p)` and `KL(p ‖ q)`.
pub const COEFFICIENTS: usize = 3;

/// Columns of an optimiser's settings, in the order of [`OptimiserSettings`]' fields.
pub const SETTINGS: usize = 7;

/// How a weight follows its gradient; the equations stand at [`crate::cpu::optimiser_step`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Optimiser {
    /// Adam with decay that does not pass through the moments (Loshchilov & Hutter 2019).
    AdamW,
    /// Stochastic gradient descent with momentum.
    Sgd,
    /// Gradients over the root of their running mean square (Hinton 2012).
    RmsProp,
    /// The sign of an interpolated momentum (Chen et al. 2023).
    Lion,
}

impl Optimiser {
    /// Rows of state that a weight needs: moments, each as long as the weight.
    pub fn state_rows(self) -> usize {
        match self {
            Self::AdamW => 2,
            Self::Sgd | Self::RmsProp | Self::Lion => 1,
        }
    }

    /// Whether the weight moves before the state does: Lion's step is taken with the older momentum.
    pub fn weight_first(self) -> bool {
        self == Self::Lion
    }
}

/// What an optimiser is told at each step, as the row of a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimiserSettings {
    /// Step size.
    pub learning_rate: f32,
    /// Decay of the first moment, or SGD's momentum.
    pub beta1: f32,
    /// Decay of the second moment; Lion's of its momentum.
    pub beta2: f32,
    /// Added to a root that divides.
    pub eps: f32,
    /// Pull towards 0, before it is multiplied by the learning rate.
    pub weight_decay: f32,
    /// AdamW's `1 - beta1^step`, steps from 1.
    pub correction1: f32,
    /// AdamW's `1 - beta2^step`.
    pub correction2: f32,
}

impl OptimiserSettings {
    /// As the operator reads them.
    pub fn row(&self) -> [f32; SETTINGS] {
        let Self { learning_rate, beta1, beta2, eps, weight_decay, correction1, correction2 } = *self;
        [learning_rate, beta1, beta2, eps, weight_decay, correction1, correction2]
    }

    pub(crate) fn from_row(row: &[f32]) -> Self {
        Self {
            learning_rate: row[0],
            beta1: row[1],
            beta2: row[2],
            eps: row[3],
            weight_decay: row[4],
            correction1: row[5],
            correction2: row[6],
        }
    }
}

/// Causal attention of whole sequences, one below the other: no cache, no slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelfAttention {
    /// `[sequences · time, (heads + 2 · kv_heads) · head_dim]`: queries, keys, values side by side.
    pub projected: TensorId,
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values; divides `heads`.
    pub kv_heads: usize,
    /// Rows of one sequence.
    pub time: usize,
    /// Factor on each score.
    pub scale: f32,
    /// When set, a row sees at most so many positions, its own included.
    pub window: Option<u32>,
}

/// One operator of training. `d_` before a name is the gradient of a loss by what the name stands for; where
/// `accumulate` stands, the result is added to what the output holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Train {
    /// `out = left · right`, or `leftᵀ · right` when `turned`.
    MatMul {
        /// `[m, k]`, or `[k, m]` when `turned`.
        left: TensorId,
        /// `[k, n]`.
        right: TensorId,
        /// Whether `left` is read by columns.
        turned: bool,
        /// `[m, n]`.
        out: TensorId,
        /// Add.
        accumulate: bool,
    },
    /// `out[0, c] += Σ_r x[r, c]`.
    ColumnSums {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[1, cols]`.
        out: TensorId,
    },
    /// `out[rows[r]] += x[r]`, in the order of `r`.
    ScatterAdd {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[rows, 1]`, u32.
        rows: TensorId,
        /// `[n, cols]`.
        out: TensorId,
    },
    /// Gradient of a norm by its input.
    NormGrad {
        /// `[rows, cols]`: what was normalised.
        x: TensorId,
        /// `[1, cols]`.
        gain: TensorId,
        /// `[rows, cols]`.
        dy: TensorId,
        /// As of the norm.
        eps: f32,
        /// Layer norm when set, else RMS norm.
        centred: bool,
        /// `[rows, cols]`.
        out: TensorId,
        /// Add.
        accumulate: bool,
    },
    /// `out += `, gradient of a norm by its gain.
    NormGainGrad {
        /// `[rows, cols]`: what was normalised.
        x: TensorId,
        /// `[rows, cols]`.
        dy: TensorId,
        /// As of the norm.
        eps: f32,
        /// Layer norm when set, else RMS norm.
        centred: bool,
        /// `[1, cols]`.
        out: TensorId,
    },
    /// `out = dy · f'(x)`.
    ActivateGrad {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[rows, cols]`.
        dy: TensorId,
        /// The function.
        activation: Activation,
        /// `[rows, cols]`.
        out: TensorId,
    },
    /// Gradient of [`crate::Op::Gated`] by both halves of its input.
    GatedGrad {
        /// `[rows, 2 · cols]`.
        x: TensorId,
        /// `[rows, cols]`.
        dy: TensorId,
        /// The function.
        activation: Activation,
        /// `[rows, 2 · cols]`.
        out: TensorId,
    },
    /// Rotary positions turned back, in place.
    RopeGrad {
        /// `[rows, heads · head_dim]`.
        x: TensorId,
        /// `[rows, 1]`, u32.
        positions: TensorId,
        /// As of [`crate::Op::Rope`].
        table: TensorId,
        /// Elements per head.
        head_dim: usize,
        /// Which elements turn together.
        layout: crate::RopeLayout,
    },
    /// Attention of whole sequences.
    SelfAttention {
        /// What is attended.
        of: SelfAttention,
        /// `[sequences · time, heads · head_dim]`.
        out: TensorId,
    },
    /// Its gradient by queries, keys and values; probabilities are computed again.
    SelfAttentionGrad {
        /// What was attended.
        of: SelfAttention,
        /// `[sequences · time, heads · head_dim]`.
        dy: TensorId,
        /// As `of.projected`.
        out: TensorId,
    },
    /// What a distribution says of its target, and how far it is from a reference.
    LogProb {
        /// `[rows, vocabulary]`.
        logits: TensorId,
        /// `[rows, vocabulary]`.
        reference: Option<TensorId>,
        /// `[rows, 1]`, u32; [`crate::NO_COLUMN`] for a row that does not count.
        targets: TensorId,
        /// `[rows, STATISTICS]`.
        out: TensorId,
    },
    /// Logits become the gradient of a loss by them, in place.
    LogProbGrad {
        /// `[rows, vocabulary]`.
        logits: TensorId,
        /// `[rows, vocabulary]`.
        reference: Option<TensorId>,
        /// `[rows, 1]`, u32.
        targets: TensorId,
        /// `[rows, STATISTICS]`, of the same logits.
        statistics: TensorId,
        /// `[rows, COEFFICIENTS]`.
        coefficients: TensorId,
    },
    /// `out = factor · x`.
    Scale {
        /// `[rows, cols]`.
        x: TensorId,
        /// The factor.
        factor: f32,
        /// `[rows, cols]`.
        out: TensorId,
        /// Add.
        accumulate: bool,
    },
    /// Every element of `out` becomes `value`.
    Fill {
        /// `[rows, cols]`.
        out: TensorId,
        /// The value.
        value: f32,
    },
    /// `out += Σ x²`.
    SumSquares {
        /// `[rows, cols]`.
        x: TensorId,
        /// `[1, 1]`.
        out: TensorId,
    },
    /// The factor by which gradients of this sum of squares are shortened to a norm of at most `limit`.
    ClipFactor {
        /// `[1, 1]`.
        squares: TensorId,
        /// Above 0; infinite for no limit.
        limit: f32,
        /// `[1, 1]`.
        out: TensorId,
    },
    /// Moments of an optimiser follow a gradient.
    OptimiserState(Update),
    /// A weight follows moments and gradient.
    OptimiserStep(Update),
}

/// What an optimiser's two operators read and write; the one writes `state`, the other `weight`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// The rule.
    pub rule: Optimiser,
    /// `[1, n]`.
    pub gradient: TensorId,
    /// `[1, 1]`, multiplies the gradient; where it is not finite, nothing changes.
    pub factor: TensorId,
    /// `[1, SETTINGS]`.
    pub settings: TensorId,
    /// `[state_rows, n]`.
    pub state: TensorId,
    /// `[1, n]`.
    pub weight: TensorId,
}

impl Train {
    /// The tensor that the operator writes.
    pub fn output(&self) -> TensorId {
        match *self {
            Self::MatMul { out, .. }
            | Self::ColumnSums { out, .. }
            | Self::ScatterAdd { out, .. }
            | Self::NormGrad { out, .. }
            | Self::NormGainGrad { out, .. }
            | Self::ActivateGrad { out, .. }
            | Self::GatedGrad { out, .. }
            | Self::SelfAttention { out, .. }
            | Self::SelfAttentionGrad { out, .. }
            | Self::LogProb { out, .. }
            | Self::Scale { out, .. }
            | Self::Fill { out, .. }
            | Self::SumSquares { out, .. }
            | Self::ClipFactor { out, .. } => out,
            Self::RopeGrad { x, .. } => x,
            Self::LogProbGrad { logits, .. } => logits,
            Self::OptimiserState(Update { state, .. }) => state,
            Self::OptimiserStep(Update { weight, .. }) => weight,
        }
    }

    /// The tensors that the operator only reads.
    pub fn inputs(&self) -> Vec<TensorId> {
        match *self {
            Self::MatMul { left, right, .. } => vec![left, right],
            Self::ColumnSums { x, .. } | Self::Scale { x, .. } | Self::SumSquares { x, .. } => vec![x],
            Self::ScatterAdd { x, rows, .. } => vec![x, rows],
            Self::NormGrad { x, gain, dy, .. } => vec![x, gain, dy],
            Self::NormGainGrad { x, dy, .. } | Self::ActivateGrad { x, dy, .. } | Self::GatedGrad { x, dy, .. } => {
                vec![x, dy]
            }
            Self::RopeGrad { positions, table, .. } => vec![positions, table],
            Self::SelfAttention { of, .. } => vec![of.projected],
            Self::SelfAttentionGrad { of, dy, .. } => vec![of.projected, dy],
            Self::LogProb { logits, reference, targets, .. } => {
                [Some(logits), reference, Some(targets)].into_iter().flatten().collect()
            }
            Self::LogProbGrad { reference, targets, statistics, coefficients, .. } => {
                [reference, Some(targets), Some(statistics), Some(coefficients)].into_iter().flatten().collect()
            }
            Self::Fill { .. } => vec![],
            Self::ClipFactor { squares, .. } => vec![squares],
            Self::OptimiserState(Update { gradient, factor, settings, weight, .. }) => {
                vec![gradient, factor, settings, weight]
            }
            Self::OptimiserStep(Update { gradient, factor, settings, state, .. }) => {
                vec![gradient, factor, settings, state]
            }
        }
    }

    pub(crate) fn ids_mut(&mut self) -> Vec<&mut TensorId> {
        match self {
            Self::MatMul { left, right, out, .. } => vec![left, right, out],
            Self::ColumnSums { x, out } | Self::Scale { x, out, .. } | Self::SumSquares { x, out } => vec![x, out],
            Self::ScatterAdd { x, rows, out } => vec![x, rows, out],
            Self::NormGrad { x, gain, dy, out, .. } => vec![x, gain, dy, out],
            Self::NormGainGrad { x, dy, out, .. }
            | Self::ActivateGrad { x, dy, out, .. }
            | Self::GatedGrad { x, dy, out, .. } => vec![x, dy, out],
            Self::RopeGrad { x, positions, table, .. } => vec![x, positions, table],
            Self::SelfAttention { of, out } => vec![&mut of.projected, out],
            Self::SelfAttentionGrad { of, dy, out } => vec![&mut of.projected, dy, out],
            Self::LogProb { logits, reference, targets, out } => {
                [Some(logits), reference.as_mut(), Some(targets), Some(out)].into_iter().flatten().collect()
            }
            Self::LogProbGrad { logits, reference, targets, statistics, coefficients } => {
                let all = [Some(logits), reference.as_mut(), Some(targets), Some(statistics), Some(coefficients)];
                all.into_iter().flatten().collect()
            }
            Self::Fill { out, .. } => vec![out],
            Self::ClipFactor { squares, out, .. } => vec![squares, out],
            Self::OptimiserState(Update { gradient, factor, settings, state, weight, .. })
            | Self::OptimiserStep(Update { gradient, factor, settings, state, weight, .. }) => {
                vec![gradient, factor, settings, state, weight]
            }
        }
    }

    /// The operator's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MatMul { .. } => "matmul",
            Self::ColumnSums { .. } => "column_sums",
            Self::ScatterAdd { .. } => "scatter_add",
            Self::NormGrad { .. } => "norm_grad",
            Self::NormGainGrad { .. } => "norm_gain_grad",
            Self::ActivateGrad { .. } => "activate_grad",
            Self::GatedGrad { .. } => "gated_grad",
            Self::RopeGrad { .. } => "rope_grad",
            Self::SelfAttention { .. } => "self_attention",
            Self::SelfAttentionGrad { .. } => "self_attention_grad",
            Self::LogProb { .. } => "log_prob",
            Self::LogProbGrad { .. } => "log_prob_grad",
            Self::Scale { .. } => "scale",
            Self::Fill { .. } => "fill",
            Self::SumSquares { .. } => "sum_squares",
            Self::ClipFactor { .. } => "clip_factor",
            Self::OptimiserState(_) => "optimiser_state",
            Self::OptimiserStep(_) => "optimiser_step",
        }
    }
}
