use frugal_tensor::{Activation, Op, Plan, TensorId};

use crate::Linear;

/// A feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ffn {
    /// `down(f(gate(x)) · up(x))` (Shazeer 2020, GLU variants; SwiGLU with SiLU).
    Gated {
        /// `[2 · ffn, width]`: the gate's rows, then up's.
        gate_up: Linear,
        /// `[width, ffn]`.
        down: Linear,
        /// Of the gate.
        activation: Activation,
    },
    /// `down(f(up(x)))`.
    Plain {
        /// `[ffn, width]`.
        up: Linear,
        /// `[width, ffn]`.
        down: Linear,
        /// Between the two.
        activation: Activation,
    },
}

impl Ffn {
    /// Columns of the first product: twice the inner width when gated.
    pub fn wide_cols(&self) -> usize {
        match self {
            Self::Gated { gate_up: first, .. } | Self::Plain { up: first, .. } => first.weight.rows,
        }
    }

    /// Columns of the second product's input.
    pub fn inner_cols(&self) -> usize {
        match self {
            Self::Gated { down, .. } | Self::Plain { down, .. } => down.weight.cols,
        }
    }

    /// Records `residual += ffn(x)`; `wide` and `inner` are scratch of [`wide_cols`](Self::wide_cols) and
    /// [`inner_cols`](Self::inner_cols) columns.
    pub fn record(&self, plan: &mut Plan, x: TensorId, wide: TensorId, inner: TensorId, residual: TensorId) {
        match *self {
            Self::Gated { gate_up, down, activation } => {
                gate_up.record(plan, x, wide, false);
                plan.push(Op::Gated { x: wide, activation, out: inner });
                down.record(plan, inner, residual, true);
            }
            Self::Plain { up, down, activation } => {
                up.record(plan, x, wide, false);
                plan.push(Op::Activate { x: wide, activation, out: inner });
                down.record(plan, inner, residual, true);
            }
        }
    }
}
