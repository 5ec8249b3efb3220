//! The walk over a plan.

use half::f16;

use super::kernels::{AttentionInputs, Kernels};
use super::memory::Arena;
use crate::cpu::Heads;
use crate::op::Attention;
use crate::{BackendError, DType, Op, Plan, Tensor, TensorId, ViewMut};

pub(super) fn run(
    plan: &Plan,
    scalars: &[u32],
    arena: &mut Arena,
    kernels: &mut dyn Kernels,
) -> Result<(), BackendError> {
    for op in plan.ops() {
        let target = plan.get(op.output());
        // Written out of the arena, so that the kernel may read everything else there.
        let mut words = arena.take(target.buffer)?;
        let result = Step { plan, scalars, arena, op: op.name() }.run(op, &mut words, kernels);
        arena.restore(target.buffer, words);
        result?;
    }
    Ok(())
}

pub(super) struct Step<'a> {
    pub(super) plan: &'a Plan,
    scalars: &'a [u32],
    arena: &'a Arena,
    op: &'static str,
}

impl Step<'_> {
    fn run(&self, op: &Op, words: &mut [u32], kernels: &mut dyn Kernels) -> Result<(), BackendError> {
        let arena = self.arena;
        let get = |id: TensorId| self.plan.get(id);
        match *op {
            Op::Gather { table, rows, out, accumulate } => {
                let rows = self.indices(rows, get(table).rows)?;
                kernels.gather(arena.stored(get(table))?, rows, accumulate, self.target(out, words)?);
            }
            Op::RmsNorm { x, gain, eps, out } => {
                kernels.rms_norm(self.view(x)?, self.vector(gain)?, eps, self.target(out, words)?);
            }
            Op::LayerNorm { x, gain, bias, eps, out } => {
                let bias = bias.map(|bias| self.vector(bias)).transpose()?;
                kernels.layer_norm(self.view(x)?, self.vector(gain)?, bias, eps, self.target(out, words)?);
            }
            Op::Linear { x, weight, bias, out, accumulate } => {
                let bias = bias.map(|bias| self.vector(bias)).transpose()?;
                let weight = arena.stored(get(weight))?;
                kernels.linear(self.view(x)?, weight, bias, accumulate, self.target(out, words)?);
            }
            Op::Rope { x, positions, table, head_dim, layout } => {
                let positions = self.indices(positions, get(table).rows)?;
                kernels.rope(self.target(x, words)?, positions, self.view(table)?, head_dim, layout);
            }
            Op::CacheWrite { x, positions, slots, cache, context } => {
                let positions = self.indices(positions, context)?;
                let slots = self.indices(slots, get(cache).rows / context)?;
                let x = self.view(x)?;
                if get(cache).dtype == DType::F16 {
                    let cache = self.target_of::<f16>(cache, words)?;
                    kernels.cache_write_half(x, positions, slots, context, cache);
                } else {
                    kernels.cache_write(x, positions, slots, context, self.target(cache, words)?);
                }
            }
            Op::Attention(ref attention) => self.attention(attention, words, kernels)?,
            Op::Activate { x, activation, out } => {
                kernels.activate(self.view(x)?, activation, self.target(out, words)?);
            }
            Op::Gated { x, activation, out } => {
                kernels.gated(self.view(x)?, activation, self.target(out, words)?);
            }
            Op::Argmax { x, out } => kernels.argmax(self.view(x)?, self.target_of::<u32>(out, words)?),
            Op::Train(ref op) => self.train(op, words, kernels)?,
        }
        Ok(())
    }

    fn attention(&self, a: &Attention, words: &mut [u32], kernels: &mut dyn Kernels) -> Result<(), BackendError> {
        let keys = self.plan.get(a.keys);
        let inputs = AttentionInputs {
            q: self.view(a.q)?,
            keys: self.arena.stored(keys)?,
            values: self.arena.stored(self.plan.get(a.values))?,
            positions: self.indices(a.positions, a.context)?,
            slots: self.indices(a.slots, keys.rows / a.context)?,
        };
        let heads =
            Heads { heads: a.heads, kv_heads: a.kv_heads, context: a.context, scale: a.scale, window: a.window };
        kernels.attention(&inputs, &heads, self.target(a.out, words)?);
        Ok(())
    }

    /// Rows of a tensor that count in this run.
    fn rows(&self, tensor: &Tensor) -> Result<usize, BackendError> {
        let Some(scalar) = tensor.live else { return Ok(tensor.rows) };
        let wrong = |detail: String| BackendError::Scalar { scalar, detail };
        let live = self.scalars.get(usize::from(scalar)).ok_or_else(|| wrong("is missing".to_owned()))?;
        let live = *live as usize;
        if live > tensor.rows {
            return Err(wrong(format!("{live} live rows of {}", tensor.rows)));
        }
        Ok(live)
    }

    pub(super) fn view(&self, id: TensorId) -> Result<crate::View<'_>, BackendError> {
        let tensor = self.plan.get(id);
        self.arena.view(tensor, self.rows(tensor)?)
    }

    pub(super) fn vector(&self, id: TensorId) -> Result<&[f32], BackendError> {
        Ok(self.view(id)?.row(0))
    }

    pub(super) fn indices(&self, id: TensorId, limit: usize) -> Result<&[u32], BackendError> {
        let tensor = self.plan.get(id);
        let indices = self.arena.indices(tensor, self.rows(tensor)?)?;
        match indices.iter().find(|index| **index as usize >= limit) {
            Some(&index) => Err(BackendError::Index { op: self.op, index, limit }),
            None => Ok(indices),
        }
    }

    pub(super) fn target<'w>(&self, id: TensorId, words: &'w mut [u32]) -> Result<ViewMut<'w>, BackendError> {
        self.target_of(id, words)
    }

    fn target_of<'w, T: bytemuck::Pod>(
        &self,
        id: TensorId,
        words: &'w mut [u32],
    ) -> Result<ViewMut<'w, T>, BackendError> {
        let tensor = self.plan.get(id);
        let rows = self.rows(tensor)?;
        let elements: &mut [T] = bytemuck::cast_slice_mut(words);
        Ok(ViewMut::strided(&mut elements[tensor.offset..], rows, tensor.cols, tensor.stride))
    }
}
