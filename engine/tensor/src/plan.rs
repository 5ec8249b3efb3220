//! A recorded step, and the check that it can be run.

mod train;

use crate::op::Attention;
use crate::{DType, Op, Tensor, TensorId};

/// Operators over the tensors of preallocated memory, in the order in which they run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    tensors: Vec<Tensor>,
    ops: Vec<Op>,
}

/// Why a plan cannot be run: a mistake of the code that recorded it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("operator {at} ({op}): {what}")]
pub struct PlanError {
    /// Index of the operator.
    pub at: usize,
    /// Its name.
    pub op: &'static str,
    /// What disagrees.
    pub what: String,
}

impl Plan {
    /// An empty plan.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a tensor known.
    ///
    /// # Panics
    /// At 2^32 tensors.
    pub fn tensor(&mut self, tensor: Tensor) -> TensorId {
        let id = u32::try_from(self.tensors.len()).expect("a plan has few tensors");
        self.tensors.push(tensor);
        TensorId(id)
    }

    /// Appends an operator.
    pub fn push(&mut self, op: impl Into<Op>) {
        self.ops.push(op.into());
    }

    /// Tensors in the order of their ids.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Operators in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// Tensor `id`.
    ///
    /// # Panics
    /// When `id` is of another plan.
    pub fn get(&self, id: TensorId) -> &Tensor {
        &self.tensors[id.index()]
    }

    /// Checks ids, shapes, dtypes, and that no operator writes what it reads.
    ///
    /// # Errors
    /// [`PlanError`] names the first operator that does not fit.
    pub fn check(&self) -> Result<(), PlanError> {
        for (at, op) in self.ops.iter().enumerate() {
            self.check_op(op).map_err(|what| PlanError { at, op: op.name(), what })?;
        }
        Ok(())
    }

    fn check_op(&self, op: &Op) -> Result<(), String> {
        let out = op.output();
        for id in op.inputs().into_iter().chain([out]) {
            let tensor = self.tensors.get(id.index()).ok_or_else(|| format!("tensor {} is not in the plan", id.0))?;
            require(tensor.stride >= tensor.cols && tensor.extent().is_some(), || format!("tensor {} overlaps", id.0))?;
        }
        let target = self.get(out);
        let reads_output = op.inputs().into_iter().any(|id| self.get(id).buffer == target.buffer);
        require(!reads_output, || "reads the buffer that it writes".to_owned())?;
        Fit { plan: self }.check(op)
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Shapes and dtypes of one operator.
struct Fit<'a> {
    plan: &'a Plan,
}

impl Fit<'_> {
    fn check(&self, op: &Op) -> Result<(), String> {
        match *op {
            Op::Gather { table, rows, out, .. } => {
                self.weight(table)?;
                self.indices(rows, out)?;
                self.cols(table, self.plan.get(out).cols)?;
                self.is(out, DType::F32)
            }
            Op::RmsNorm { x, gain, out, eps } => self.norm(x, gain, None, eps, out),
            Op::LayerNorm { x, gain, bias, out, eps } => self.norm(x, gain, bias, eps, out),
            Op::Linear { x, weight, bias, out, .. } => {
                self.weight(weight)?;
                self.cols(x, self.plan.get(weight).cols)?;
                self.cols(out, self.plan.get(weight).rows)?;
                bias.map_or(Ok(()), |bias| self.vector(bias, self.plan.get(weight).rows))?;
                self.pair(x, out)
            }
            Op::Rope { x, positions, table, head_dim, .. } => self.rope(x, positions, table, head_dim),
            Op::CacheWrite { x, positions, slots, cache, context } => {
                self.is(x, DType::F32)?;
                self.indices(positions, x)?;
                self.indices(slots, x)?;
                self.cache(cache, context)?;
                self.cols(cache, self.plan.get(x).cols)
            }
            Op::Attention(attention) => self.attention(&attention),
            Op::Activate { x, out, .. } => {
                self.cols(x, self.plan.get(out).cols)?;
                self.pair(x, out)
            }
            Op::Gated { x, out, .. } => {
                self.cols(x, 2 * self.plan.get(out).cols)?;
                self.pair(x, out)
            }
            Op::Argmax { x, out } => {
                self.is(x, DType::F32)?;
                require(self.plan.get(x).cols > 0, || "of no columns".to_owned())?;
                self.indices(out, x)
            }
            Op::Train(op) => self.train(&op),
        }
    }

    fn rope(&self, x: TensorId, positions: TensorId, table: TensorId, head_dim: usize) -> Result<(), String> {
        self.is(x, DType::F32)?;
        self.is(table, DType::F32)?;
        self.indices(positions, x)?;
        let rotary = self.plan.get(table).cols;
        require(head_dim > 0 && self.plan.get(x).cols.is_multiple_of(head_dim), || format!("heads of {head_dim}"))?;
        require(rotary.is_multiple_of(2) && rotary <= head_dim, || format!("turns {rotary} of {head_dim}"))
    }

    fn norm(&self, x: TensorId, gain: TensorId, bias: Option<TensorId>, eps: f32, out: TensorId) -> Result<(), String> {
        let cols = self.plan.get(out).cols;
        require(eps > 0.0 && eps.is_finite(), || format!("eps is {eps}"))?;
        self.cols(x, cols)?;
        self.vector(gain, cols)?;
        bias.map_or(Ok(()), |bias| self.vector(bias, cols))?;
        self.pair(x, out)
    }

    fn attention(&self, a: &Attention) -> Result<(), String> {
        require(a.heads > 0 && a.kv_heads > 0 && a.heads.is_multiple_of(a.kv_heads), || {
            format!("{} heads on {}", a.heads, a.kv_heads)
        })?;
        let cols = self.plan.get(a.q).cols;
        require(cols.is_multiple_of(a.heads), || format!("{cols} columns in {} heads", a.heads))?;
        require(a.window != Some(0), || "a window of nothing".to_owned())?;
        for cache in [a.keys, a.values] {
            self.cache(cache, a.context)?;
            self.cols(cache, cols / a.heads * a.kv_heads)?;
        }
        require(self.plan.get(a.keys).rows == self.plan.get(a.values).rows, || "keys and values differ".to_owned())?;
        self.indices(a.positions, a.q)?;
        self.indices(a.slots, a.q)?;
        self.cols(a.out, cols)?;
        self.pair(a.q, a.out)
    }

    /// Both f32, with the same rows.
    fn pair(&self, x: TensorId, out: TensorId) -> Result<(), String> {
        self.is(x, DType::F32)?;
        self.is(out, DType::F32)?;
        self.same_rows(x, out)
    }

    fn same_rows(&self, a: TensorId, b: TensorId) -> Result<(), String> {
        let (a, b) = (self.plan.get(a), self.plan.get(b));
        require(a.rows == b.rows && a.live == b.live, || {
            format!("rows {} and {}, live by {:?} and {:?}", a.rows, b.rows, a.live, b.live)
        })
    }

    fn indices(&self, id: TensorId, of: TensorId) -> Result<(), String> {
        self.is(id, DType::U32)?;
        self.cols(id, 1)?;
        require(self.plan.get(id).stride == 1, || "indices are not dense".to_owned())?;
        self.same_rows(id, of)
    }

    fn vector(&self, id: TensorId, cols: usize) -> Result<(), String> {
        self.is(id, DType::F32)?;
        require(self.plan.get(id).rows == 1, || format!("{} rows where one is due", self.plan.get(id).rows))?;
        self.cols(id, cols)
    }

    fn weight(&self, id: TensorId) -> Result<(), String> {
        let tensor = self.plan.get(id);
        let quantised = matches!(tensor.dtype, DType::Quant(_));
        require(tensor.dtype != DType::U32 && tensor.live.is_none(), || "not a weight".to_owned())?;
        require(!quantised || tensor.stride == tensor.cols && tensor.offset == 0, || "part of codes".to_owned())
    }

    fn cache(&self, id: TensorId, context: usize) -> Result<(), String> {
        let tensor = self.plan.get(id);
        require(matches!(tensor.dtype, DType::F32 | DType::F16) && tensor.live.is_none(), || "not a cache".to_owned())?;
        require(context > 0 && tensor.rows.is_multiple_of(context), || {
            format!("{} rows in slots of {context}", tensor.rows)
        })
    }

    fn is(&self, id: TensorId, dtype: DType) -> Result<(), String> {
        let got = self.plan.get(id).dtype;
        require(got == dtype, || format!("{got:?} where {dtype:?} is due"))
    }

    fn cols(&self, id: TensorId, cols: usize) -> Result<(), String> {
        let got = self.plan.get(id).cols;
        require(got == cols, || format!("{got} columns where {cols} are due"))
    }
}
