//! Reverse mode: a recorded plan is walked backwards, and a rule for each operator records operators of the closed set
//! that compute gradients. The rules know no backend, so that what they record runs wherever plans run.
//!
//! Gradients live in buffers beside those of the values and are seen through the same views. What is written in place,
//! as a residual or a rotation, has one gradient buffer, which at each moment of the walk holds the gradient by what
//! the values were at that moment.

mod activate;
mod gather;
mod linear;
mod log_prob;
mod norm;
mod region;
mod rope;
mod scale;
mod self_attention;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::{BackendError, BufferId, DType, Op, Plan, Tensor, TensorId, Train};
use region::Region;

/// Gives zeroed memory of so many bytes.
pub type Allocate<'a> = dyn FnMut(usize) -> Result<BufferId, BackendError> + 'a;

/// Why a plan has no gradient: a mistake of the code that recorded it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GradError {
    /// Memory.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// An operator that nothing can be learnt through.
    #[error("operator {at} ({op}) has no gradient")]
    NoRule {
        /// Index of the operator.
        at: usize,
        /// Its name.
        op: &'static str,
    },
    /// A value that its operator's gradient needs, but that is gone.
    #[error("operator {at} ({op}): what it read is overwritten by operator {by}; give that one memory of its own")]
    Overwritten {
        /// Index of the operator.
        at: usize,
        /// Its name.
        op: &'static str,
        /// Index of the operator that writes.
        by: usize,
    },
    /// Views of one buffer that cross, or a value that is used twice by operators whose gradients cannot be added.
    #[error("operator {at} ({op}): gradients of one buffer overlap in part")]
    Overlap {
        /// Index of the operator.
        at: usize,
        /// Its name.
        op: &'static str,
    },
}

/// A walk backwards over one plan, or over several in the order opposite to that in which they run.
#[derive(Debug, Default)]
pub struct Reverse {
    plan: Plan,
    /// Gradient buffers by the buffers of values.
    buffers: HashMap<BufferId, BufferId>,
    /// What of a value's buffer has a gradient now.
    live: HashMap<BufferId, Vec<Region>>,
    parameters: HashSet<BufferId>,
    /// Buffers whose values depend on a parameter.
    reached: HashSet<BufferId>,
    /// Gradient buffers that are free again, by bytes.
    free: HashMap<usize, Vec<BufferId>>,
    bytes: HashMap<BufferId, usize>,
    /// Gradient buffers that were allocated here; all others are their owners'.
    ours: HashSet<BufferId>,
}

/// One operator of the plan that is walked.
#[derive(Clone, Copy)]
struct At<'a> {
    forward: &'a Plan,
    at: usize,
    op: &'a Op,
}

impl At<'_> {
    fn get(&self, id: TensorId) -> Tensor {
        *self.forward.get(id)
    }

    fn overlap(&self) -> GradError {
        GradError::Overlap { at: self.at, op: self.op.name() }
    }
}

impl Reverse {
    /// Nothing recorded yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What lies in `value` is learnt: gradients are added to what `gradient` holds, element for element.
    pub fn parameter(&mut self, value: BufferId, gradient: BufferId) {
        self.buffers.insert(value, gradient);
        self.parameters.insert(value);
        self.reached.insert(value);
    }

    /// The gradient by `tensor` stands in `gradient`, a buffer of the same layout, when the walk begins. For the output
    /// of [`Train::LogProb`] it holds coefficients, row for row.
    pub fn seed(&mut self, tensor: &Tensor, gradient: BufferId) {
        self.buffers.insert(tensor.buffer, gradient);
        self.begin(tensor);
    }

    /// Finds what depends on parameters, and how large its gradient may be. Plans are traced in the order in which they run, all before the first walk.
    pub fn trace(&mut self, forward: &Plan) {
        for tensor in forward.tensors() {
            let bytes = tensor.extent().and_then(|elements| elements.checked_mul(4)).unwrap_or(usize::MAX);
            let known = self.bytes.entry(tensor.buffer).or_default();
            *known = bytes.max(*known);
        }
        for op in forward.ops() {
            if op.inputs().iter().any(|id| self.reached.contains(&forward.get(*id).buffer)) {
                self.reached.insert(forward.get(op.output()).buffer);
            }
        }
    }

    /// Records what already ran: its operators are run again before their gradients, where values were not kept.
    pub fn replay(&mut self, forward: &Plan) {
        let ids: Vec<_> = forward.tensors().iter().map(|tensor| self.plan.tensor(*tensor)).collect();
        for op in forward.ops() {
            self.plan.push(op.renamed(|id| ids[id.index()]));
        }
    }

    /// Walks a plan backwards.
    ///
    /// The values that it left must still stand when the recorded plan runs.
    ///
    /// # Errors
    /// [`GradError`].
    pub fn walk(&mut self, forward: &Plan, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
        for (at, op) in forward.ops().iter().enumerate().rev() {
            let at = At { forward, at, op };
            let out = at.get(op.output());
            if !self.reached.contains(&out.buffer) || !self.has_gradient(&at, &out)? {
                continue;
            }
            self.rule(&at, allocate)?;
        }
        Ok(())
    }

    /// What was recorded.
    pub fn into_plan(self) -> Plan {
        self.plan
    }

    fn rule(&mut self, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
        match *at.op {
            Op::Gather { .. } => gather::rule(self, at, allocate)?,
            Op::RmsNorm { .. } | Op::LayerNorm { .. } => norm::rule(self, at, allocate)?,
            Op::Linear { .. } => linear::rule(self, at, allocate)?,
            Op::Rope { .. } => rope::rule(self, at),
            Op::Activate { .. } | Op::Gated { .. } => activate::rule(self, at, allocate)?,
            Op::Train(Train::SelfAttention { .. }) => self_attention::rule(self, at, allocate)?,
            Op::Train(Train::Scale { .. }) => scale::rule(self, at, allocate)?,
            Op::Train(Train::LogProb { .. }) => log_prob::rule(self, at)?,
            _ => return Err(GradError::NoRule { at: at.at, op: at.op.name() }),
        }
        // Before an operator that sets its output, nothing depends on what stood there.
        let keeps = matches!(
            at.op,
            Op::Gather { accumulate: true, .. }
                | Op::Linear { accumulate: true, .. }
                | Op::Train(Train::Scale { accumulate: true, .. })
                | Op::Rope { .. }
        );
        if !keeps {
            self.forget(&at.get(at.op.output()));
        }
        Ok(())
    }

    fn learns(&self, tensor: &Tensor) -> bool {
        self.parameters.contains(&tensor.buffer)
    }

    fn has_gradient(&self, at: &At<'_>, tensor: &Tensor) -> Result<bool, GradError> {
        if self.learns(tensor) {
            return Ok(true);
        }
        let region = Region::of(tensor);
        let live = self.live.get(&tensor.buffer).map_or(&[][..], Vec::as_slice);
        if live.iter().any(|other| other.covers(&region)) {
            return Ok(true);
        }
        if live.iter().any(|other| other.overlaps(&region)) { Err(at.overlap()) } else { Ok(false) }
    }

    /// A value of the walked plan, as it was when its operator ran.
    fn value(&mut self, at: &At<'_>, id: TensorId) -> Result<TensorId, GradError> {
        let tensor = at.get(id);
        let region = Region::of(&tensor);
        let later = at.forward.ops().iter().enumerate().skip(at.at + 1);
        for (by, op) in later {
            let written = at.forward.get(op.output());
            if written.buffer == tensor.buffer && Region::of(written).overlaps(&region) {
                return Err(GradError::Overwritten { at: at.at, op: at.op.name(), by });
            }
        }
        Ok(self.plan.tensor(tensor))
    }

    /// The gradient by a tensor that has one.
    fn gradient(&mut self, at: &At<'_>, id: TensorId) -> TensorId {
        let tensor = at.get(id);
        let buffer = self.buffers.get(&tensor.buffer).copied().unwrap_or(tensor.buffer);
        self.plan.tensor(Tensor { buffer, dtype: DType::F32, ..tensor })
    }

    /// Where the gradient by an input goes, and whether it is added to what stands there; nothing for an input that
    /// depends on no parameter.
    fn contribute(
        &mut self,
        at: &At<'_>,
        id: TensorId,
        allocate: &mut Allocate<'_>,
    ) -> Result<Option<(TensorId, bool)>, GradError> {
        let tensor = at.get(id);
        if !self.reached.contains(&tensor.buffer) {
            return Ok(None);
        }
        let before = self.has_gradient(at, &tensor)?;
        if !before {
            if !self.buffers.contains_key(&tensor.buffer) {
                let bytes = self.bytes.get(&tensor.buffer).copied().ok_or_else(|| at.overlap())?;
                let buffer = match self.free.get_mut(&bytes).and_then(Vec::pop) {
                    Some(buffer) => buffer,
                    None => allocate(bytes)?,
                };
                self.ours.insert(buffer);
                self.buffers.insert(tensor.buffer, buffer);
            }
            self.begin(&tensor);
        }
        Ok(Some((self.gradient(at, id), before)))
    }

    /// The same for operators that set what they write.
    fn set(&mut self, at: &At<'_>, id: TensorId, allocate: &mut Allocate<'_>) -> Result<Option<TensorId>, GradError> {
        match self.contribute(at, id, allocate)? {
            Some((_, true)) => Err(at.overlap()),
            other => Ok(other.map(|(id, _)| id)),
        }
    }

    /// From here on there is a gradient; one that continues another's rows becomes one with it.
    fn begin(&mut self, tensor: &Tensor) {
        let live = self.live.entry(tensor.buffer).or_default();
        let mut region = Region::of(tensor);
        while let Some(at) = live.iter().position(|other| other.continues(&region)) {
            region = live.swap_remove(at).with(&region);
        }
        live.push(region);
    }

    /// What was here has no gradient any more; a buffer without any is used again.
    fn forget(&mut self, tensor: &Tensor) {
        if self.learns(tensor) {
            return;
        }
        let region = Region::of(tensor);
        let Some(live) = self.live.get_mut(&tensor.buffer) else { return };
        live.retain(|other| !region.covers(other));
        if live.is_empty()
            && let Some(buffer) = self.buffers.remove(&tensor.buffer)
            && let Some(bytes) = self.bytes.get(&tensor.buffer)
            && self.ours.contains(&buffer)
        {
            self.free.entry(*bytes).or_default().push(buffer);
        }
    }
}
