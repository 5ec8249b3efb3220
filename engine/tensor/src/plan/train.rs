//! Shapes of the operators of training.

use super::{Fit, require};
use crate::train::{COEFFICIENTS, SETTINGS, STATISTICS, SelfAttention, Train, Update};
use crate::{DType, TensorId};

impl Fit<'_> {
    pub(super) fn train(&self, op: &Train) -> Result<(), String> {
        let get = |id: TensorId| self.plan.get(id);
        match *op {
            Train::MatMul { left, right, turned, out, .. } => self.matmul(left, right, turned, out),
            Train::ColumnSums { x, out } => {
                self.is(x, DType::F32)?;
                self.vector(out, get(x).cols)
            }
            Train::ScatterAdd { x, rows, out } => {
                self.is(x, DType::F32)?;
                self.is(out, DType::F32)?;
                self.indices(rows, x)?;
                self.cols(out, get(x).cols)
            }
            Train::NormGrad { x, gain, dy, eps, out, .. } => {
                self.norm(x, gain, None, eps, out)?;
                self.like(dy, x)
            }
            Train::NormGainGrad { x, dy, eps, out, .. } => {
                require(eps > 0.0 && eps.is_finite(), || format!("eps is {eps}"))?;
                self.vector(out, get(x).cols)?;
                self.like(dy, x)
            }
            Train::ActivateGrad { x, dy, out, .. } => {
                self.like(dy, x)?;
                self.like(out, x)
            }
            Train::GatedGrad { x, dy, out, .. } => {
                self.like(out, x)?;
                self.cols(x, 2 * get(dy).cols)?;
                self.pair(x, dy)
            }
            Train::RopeGrad { x, positions, table, head_dim, .. } => self.rope(x, positions, table, head_dim),
            Train::SelfAttention { of, out } => self.self_attention(&of, out),
            Train::SelfAttentionGrad { of, dy, out } => {
                self.self_attention(&of, dy)?;
                self.like(out, of.projected)
            }
            Train::LogProb { logits, reference, targets, out } => {
                reference.map_or(Ok(()), |reference| self.like(reference, logits))?;
                self.indices(targets, logits)?;
                self.cols(out, STATISTICS)?;
                self.pair(logits, out)
            }
            Train::LogProbGrad { logits, reference, targets, statistics, coefficients } => {
                reference.map_or(Ok(()), |reference| self.like(reference, logits))?;
                self.indices(targets, logits)?;
                self.cols(statistics, STATISTICS)?;
                self.cols(coefficients, COEFFICIENTS)?;
                self.pair(logits, statistics)?;
                self.pair(logits, coefficients)
            }
            Train::Scale { x, out, .. } => self.like(out, x),
            Train::Fill { out, .. } => self.is(out, DType::F32),
            Train::SumSquares { x, out } => {
                self.is(x, DType::F32)?;
                self.vector(out, 1)
            }
            Train::ClipFactor { squares, limit, out } => {
                require(limit > 0.0, || format!("limit is {limit}"))?;
                self.vector(squares, 1)?;
                self.vector(out, 1)
            }
            Train::OptimiserState(update) | Train::OptimiserStep(update) => self.update(&update),
        }
    }

    fn matmul(&self, left: TensorId, right: TensorId, turned: bool, out: TensorId) -> Result<(), String> {
        [left, right, out].into_iter().try_for_each(|id| self.is(id, DType::F32))?;
        let [left, right, out] = [left, right, out].map(|id| self.plan.get(id));
        let (m, k) = if turned { (left.cols, left.rows) } else { (left.rows, left.cols) };
        require([left, right, out].iter().all(|tensor| tensor.live.is_none()), || "live rows".to_owned())?;
        require(m == out.rows && k == right.rows && right.cols == out.cols, || {
            format!("[{m}, {k}] times [{}, {}] to [{}, {}]", right.rows, right.cols, out.rows, out.cols)
        })
    }

    /// Both f32, of one shape.
    fn like(&self, a: TensorId, b: TensorId) -> Result<(), String> {
        self.cols(a, self.plan.get(b).cols)?;
        self.pair(a, b)
    }

    fn self_attention(&self, of: &SelfAttention, out: TensorId) -> Result<(), String> {
        let projected = self.plan.get(of.projected);
        let parts = of.heads + 2 * of.kv_heads;
        require(of.heads > 0 && of.kv_heads > 0 && of.heads.is_multiple_of(of.kv_heads), || {
            format!("{} heads on {}", of.heads, of.kv_heads)
        })?;
        require(projected.cols.is_multiple_of(parts), || format!("{} columns in {parts} heads", projected.cols))?;
        require(of.time > 0 && projected.rows.is_multiple_of(of.time) && projected.live.is_none(), || {
            format!("{} rows in sequences of {}", projected.rows, of.time)
        })?;
        require(of.window != Some(0), || "a window of nothing".to_owned())?;
        self.cols(out, projected.cols / parts * of.heads)?;
        self.pair(of.projected, out)
    }

    fn update(&self, update: &Update) -> Result<(), String> {
        let n = self.plan.get(update.gradient).cols;
        self.vector(update.gradient, n)?;
        self.vector(update.weight, n)?;
        self.vector(update.factor, 1)?;
        self.vector(update.settings, SETTINGS)?;
        self.is(update.state, DType::F32)?;
        self.cols(update.state, n)?;
        let (state, rows) = (self.plan.get(update.state), update.rule.state_rows());
        require(state.rows == rows && state.stride == n, || format!("{} rows of state, {rows} are due", state.rows))
    }
}
