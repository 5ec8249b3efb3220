use frugal_tensor::{Op, Plan, Tensor, TensorId};

/// `y = x · weightᵀ + bias`. Weights that are always used together (queries, keys and values; gate and up) are one
/// weight with their rows below each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    /// `[out, in]`.
    pub weight: Tensor,
    /// `[1, out]`.
    pub bias: Option<Tensor>,
}

impl Linear {
    /// Records `out = …`, or `out += …`.
    pub fn record(&self, plan: &mut Plan, x: TensorId, out: TensorId, accumulate: bool) {
        let weight = plan.tensor(self.weight);
        let bias = self.bias.map(|bias| plan.tensor(bias));
        plan.push(Op::Linear { x, weight, bias, out, accumulate });
    }
}
