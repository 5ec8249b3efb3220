//! Buffers by id.

use frugal_tensor::{BackendError, BufferId, DType, Memory, MemoryUse, PlanError, Tensor};

/// A buffer, and which one it is of all that had its id.
pub(crate) struct Held {
    pub(crate) buffer: wgpu::Buffer,
    pub(crate) bytes: usize,
    pub(crate) generation: u64,
    kind: Memory,
}

#[derive(Default)]
pub(crate) struct Arena {
    buffers: Vec<Option<Held>>,
    used: MemoryUse,
    generations: u64,
}

impl Arena {
    pub(crate) fn insert(&mut self, buffer: wgpu::Buffer, bytes: usize, kind: Memory) -> BufferId {
        self.generations += 1;
        let held = Held { buffer, bytes, generation: self.generations, kind };
        *self.used.of(kind) += bytes;
        let free = self.buffers.iter().position(Option::is_none).unwrap_or(self.buffers.len());
        if free == self.buffers.len() {
            self.buffers.push(None);
        }
        self.buffers[free] = Some(held);
        BufferId(index(free))
    }

    pub(crate) fn remove(&mut self, id: BufferId) -> Result<Held, BackendError> {
        let held = self.buffers.get_mut(id.0 as usize).and_then(Option::take).ok_or_else(|| unknown(id))?;
        *self.used.of(held.kind) -= held.bytes;
        Ok(held)
    }

    pub(crate) fn get(&self, id: BufferId) -> Result<&Held, BackendError> {
        self.buffers.get(id.0 as usize).and_then(Option::as_ref).ok_or_else(|| unknown(id))
    }

    pub(crate) fn used(&self) -> MemoryUse {
        self.used
    }

    /// The buffer, if `count` bytes from `offset` on lie in it.
    pub(crate) fn range(&self, id: BufferId, offset: usize, count: usize) -> Result<&Held, BackendError> {
        let held = self.get(id)?;
        let to = offset.saturating_add(count);
        if to > held.bytes {
            return Err(BackendError::OutOfBounds { from: offset, to, buffer_bytes: held.bytes });
        }
        Ok(held)
    }

    /// Whether a plan's tensor lies within its buffer, and within what kernels can count.
    pub(crate) fn check(&self, tensor: &Tensor) -> Result<(), BackendError> {
        let needed = match tensor.dtype {
            DType::Quant(format) => format.layout(tensor.rows, tensor.cols).map(|layout| layout.bytes),
            dtype => extent(tensor).and_then(|elements| dtype.bytes(1, elements)),
        };
        let fits = |count: usize| u32::try_from(count).is_ok();
        let counts = [tensor.rows, tensor.cols, tensor.stride];
        match needed {
            Some(needed) if counts.into_iter().all(fits) => self.range(tensor.buffer, 0, needed).map(drop),
            _ => {
                let what = format!("{tensor:?} has no size, or more than a kernel can count");
                Err(BackendError::Plan(PlanError { at: 0, op: "tensor", what }))
            }
        }
    }
}

/// Elements from the start of the buffer to the end of the last row.
fn extent(tensor: &Tensor) -> Option<usize> {
    if tensor.rows == 0 || tensor.cols == 0 {
        return Some(tensor.offset);
    }
    (tensor.rows - 1).checked_mul(tensor.stride)?.checked_add(tensor.cols)?.checked_add(tensor.offset)
}

fn unknown(id: BufferId) -> BackendError {
    BackendError::Unknown { what: "buffer", id: id.0 }
}

/// Ids count things that each take memory: 2^32 of them do not fit.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 things")
}
