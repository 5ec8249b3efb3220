use frugal_tensor::{Op, Plan, Tensor, TensorId};

/// Normalisation of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Norm {
    /// By the root of the mean square.
    Rms {
        /// `[1, cols]`.
        gain: Tensor,
        /// Added to the mean square.
        eps: f32,
    },
    /// To mean 0 and variance 1.
    Layer {
        /// `[1, cols]`.
        gain: Tensor,
        /// `[1, cols]`.
        bias: Option<Tensor>,
        /// Added to the variance.
        eps: f32,
    },
}

impl Norm {
    /// Records `out = norm(x)`.
    pub fn record(&self, plan: &mut Plan, x: TensorId, out: TensorId) {
        match *self {
            Self::Rms { gain, eps } => {
                let gain = plan.tensor(gain);
                plan.push(Op::RmsNorm { x, gain, eps, out });
            }
            Self::Layer { gain, bias, eps } => {
                let gain = plan.tensor(gain);
                let bias = bias.map(|bias| plan.tensor(bias));
                plan.push(Op::LayerNorm { x, gain, bias, eps, out });
            }
        }
    }
}
