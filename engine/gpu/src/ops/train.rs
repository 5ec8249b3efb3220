//! Operators of training: what they have in common, and which folder computes each.

use frugal_tensor::{BackendError, TensorId, Train};

use super::{activate_grad, log_prob, matmul, norm_grad, optimiser, rope, scale, scatter_add, self_attention, sums};
use crate::calls::{Binding, Bound, Extent, Kernels, Params, Recorder};
use crate::kernels::{Access, Kernel, Source};

/// Appends the calls of one operator.
pub(super) fn record(op: &Train, recorder: &mut Recorder<'_>) -> Result<(), BackendError> {
    match *op {
        Train::MatMul { left, right, turned, out, accumulate } => {
            matmul::record(recorder, [left, right, out], turned, accumulate)
        }
        Train::ColumnSums { x, out } => sums::columns(recorder, x, out),
        Train::ScatterAdd { x, rows, out } => scatter_add::record(recorder, x, rows, out),
        Train::NormGrad { x, gain, dy, eps, centred, out, accumulate } => {
            let norm = norm_grad::Norm { x, dy, eps, centred };
            norm_grad::by_input(recorder, norm, gain, out, accumulate)
        }
        Train::NormGainGrad { x, dy, eps, centred, out } => {
            norm_grad::by_gain(recorder, norm_grad::Norm { x, dy, eps, centred }, out)
        }
        Train::ActivateGrad { x, dy, activation, out } => {
            activate_grad::record(recorder, [x, dy, out], activation, false)
        }
        Train::GatedGrad { x, dy, activation, out } => activate_grad::record(recorder, [x, dy, out], activation, true),
        Train::RopeGrad { x, positions, table, head_dim, layout } => {
            rope::record(recorder, x, positions, table, head_dim, layout, true)
        }
        Train::SelfAttention { ref of, out } => self_attention::forward(recorder, of, out),
        Train::SelfAttentionGrad { ref of, dy, out } => self_attention::grad(recorder, of, dy, out),
        Train::LogProb { logits, reference, targets, out } => {
            log_prob::statistics(recorder, logits, reference, targets, out)
        }
        Train::LogProbGrad { logits, reference, targets, statistics, coefficients } => {
            log_prob::grad(recorder, [logits, targets, statistics, coefficients], reference)
        }
        Train::Scale { x, factor, out, accumulate } => scale::record(recorder, x, factor, out, accumulate),
        Train::Fill { out, value } => scale::fill(recorder, out, value),
        Train::SumSquares { x, out } => sums::squares(recorder, x, out),
        Train::ClipFactor { squares, limit, out } => sums::clip_factor(recorder, squares, limit, out),
        Train::OptimiserState(ref update) => optimiser::state(recorder, update),
        Train::OptimiserStep(ref update) => optimiser::step(recorder, update),
    }
}

/// What a call reads and writes: places in its parameters, and bindings that count on from 2 in the same order.
#[derive(Default)]
pub(super) struct Operands {
    pub(super) params: Params,
    pub(super) bindings: Vec<Binding>,
}

impl Operands {
    /// `inputs`, then `out`.
    pub(super) fn of<const N: usize>(
        recorder: &Recorder<'_>,
        inputs: [TensorId; N],
        out: TensorId,
    ) -> Result<Self, BackendError> {
        let mut operands = Self::default();
        for input in inputs {
            operands = operands.and(recorder, input, Access::Read)?;
        }
        operands.and(recorder, out, Access::Write)
    }

    /// One more matrix.
    pub(super) fn and(self, recorder: &Recorder<'_>, id: TensorId, access: Access) -> Result<Self, BackendError> {
        let (bound, place) = recorder.whole(id)?;
        let Self { params, bindings } = self.bind(bound, access);
        Ok(Self { params: params.place(place), bindings })
    }

    /// One more binding without a place.
    pub(super) fn bind(mut self, bound: Bound, access: Access) -> Self {
        let number = self.bindings.last().map_or(2, |(number, _, _)| number + 1);
        self.bindings.push((number, access, bound));
        self
    }

    /// Indices that are checked.
    pub(super) fn checked(mut self) -> Self {
        self.bindings.push((10, Access::Write, Bound::Faults));
        self
    }
}

/// Invocations of a workgroup of kernels that give each a thing of its own.
const ONES: u32 = 16;

/// A kernel that computes `count` things, each by one invocation or by a workgroup.
pub(super) fn lanes(kernels: Kernels, source: &'static Source, count: Extent) -> (Kernel, [Extent; 2]) {
    let (kernel, per_group) = match kernels {
        Kernels::Serial => (
            Kernel::new(source).part("lanes", "lanes_one").part("mine", "mine_one").constant("WG", f64::from(ONES)),
            ONES,
        ),
        Kernels::Parallel => (Kernel::new(source).part("lanes", "lanes_shared").part("mine", "mine_shared"), 1),
    };
    (kernel, [Extent { per_group, ..count }, Extent::of(1, 1)])
}

/// Both forms of kernels that [`lanes`] fills.
#[cfg(test)]
pub(super) fn both(sources: &[&'static Source]) -> Vec<Kernel> {
    let filled = |source: &&'static Source| {
        [Kernels::Serial, Kernels::Parallel].map(|kernels| lanes(kernels, source, Extent::of(1, 1)).0)
    };
    sources.iter().flat_map(filled).collect()
}
