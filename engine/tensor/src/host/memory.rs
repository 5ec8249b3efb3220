//! Buffers of a host backend, and tensors as views of them.

use bytemuck::Pod;
use half::{bf16, f16};

use crate::view::QuantView;
use crate::{BackendError, BufferId, DType, Memory, MemoryUse, PlanError, Stored, Tensor, View};

#[derive(Default)]
pub(super) struct Arena {
    buffers: Vec<Option<Buffer>>,
    used: MemoryUse,
}

/// Words keep every element type aligned.
struct Buffer {
    words: Vec<u32>,
    bytes: usize,
    kind: Memory,
}

impl Arena {
    pub(super) fn allocate(&mut self, bytes: usize, kind: Memory) -> Result<BufferId, BackendError> {
        let mut words = Vec::new();
        let count = bytes.div_ceil(4);
        words.try_reserve_exact(count).map_err(|_| BackendError::OutOfMemory { needed_bytes: bytes })?;
        words.resize(count, 0);
        let at = self.buffers.iter().position(Option::is_none).unwrap_or(self.buffers.len());
        if at == self.buffers.len() {
            self.buffers.push(None);
        }
        self.buffers[at] = Some(Buffer { words, bytes, kind });
        *self.used.of(kind) += bytes;
        Ok(BufferId(super::index(at)))
    }

    pub(super) fn free(&mut self, id: BufferId) -> Result<(), BackendError> {
        let buffer = self.buffers.get_mut(id.0 as usize).and_then(Option::take).ok_or_else(|| unknown(id))?;
        *self.used.of(buffer.kind) -= buffer.bytes;
        Ok(())
    }

    pub(super) fn used(&self) -> MemoryUse {
        self.used
    }

    fn buffer(&self, id: BufferId) -> Result<&Buffer, BackendError> {
        self.buffers.get(id.0 as usize).and_then(Option::as_ref).ok_or_else(|| unknown(id))
    }

    pub(super) fn bytes(&self, id: BufferId, offset: usize, count: usize) -> Result<&[u8], BackendError> {
        let buffer = self.buffer(id)?;
        let range = range(offset, count, buffer.bytes)?;
        Ok(&bytemuck::cast_slice(&buffer.words)[range])
    }

    pub(super) fn bytes_mut(&mut self, id: BufferId, offset: usize, count: usize) -> Result<&mut [u8], BackendError> {
        let buffer = self.buffers.get_mut(id.0 as usize).and_then(Option::as_mut).ok_or_else(|| unknown(id))?;
        let range = range(offset, count, buffer.bytes)?;
        Ok(&mut bytemuck::cast_slice_mut(&mut buffer.words)[range])
    }

    /// Whether a plan's tensor lies within its buffer.
    pub(super) fn check(&self, tensor: &Tensor) -> Result<(), BackendError> {
        let buffer = self.buffer(tensor.buffer)?;
        let needed = match tensor.dtype {
            DType::Quant(format) => format.layout(tensor.rows, tensor.cols).map(|layout| layout.bytes),
            dtype => tensor.extent().and_then(|elements| dtype.bytes(1, elements)),
        };
        let bad = |what: String| BackendError::Plan(PlanError { at: 0, op: "tensor", what });
        let needed = needed.ok_or_else(|| bad(format!("{tensor:?} has no size")))?;
        range(0, needed, buffer.bytes).map(drop)
    }

    /// Takes the words of a buffer out, so that an operator may write them while it reads others.
    pub(super) fn take(&mut self, id: BufferId) -> Result<Vec<u32>, BackendError> {
        let buffer = self.buffers.get_mut(id.0 as usize).and_then(Option::as_mut).ok_or_else(|| unknown(id))?;
        Ok(std::mem::take(&mut buffer.words))
    }

    /// Puts them back.
    pub(super) fn restore(&mut self, id: BufferId, words: Vec<u32>) {
        if let Some(buffer) = self.buffers.get_mut(id.0 as usize).and_then(Option::as_mut) {
            buffer.words = words;
        }
    }

    /// The first `rows` rows of a tensor of plain elements.
    pub(super) fn view<T: Pod>(&self, tensor: &Tensor, rows: usize) -> Result<View<'_, T>, BackendError> {
        let elements: &[T] = bytemuck::cast_slice(&self.buffer(tensor.buffer)?.words);
        Ok(View::strided(&elements[tensor.offset..], rows, tensor.cols, tensor.stride))
    }

    /// Indices: dense, one column.
    pub(super) fn indices(&self, tensor: &Tensor, rows: usize) -> Result<&[u32], BackendError> {
        Ok(&self.buffer(tensor.buffer)?.words[tensor.offset..][..rows])
    }

    /// A weight, table or cache.
    pub(super) fn stored(&self, tensor: &Tensor) -> Result<Stored<'_>, BackendError> {
        Ok(match tensor.dtype {
            DType::F16 => Stored::F16(self.view::<f16>(tensor, tensor.rows)?),
            DType::Bf16 => Stored::Bf16(self.view::<bf16>(tensor, tensor.rows)?),
            DType::F32 | DType::U32 => Stored::F32(self.view(tensor, tensor.rows)?),
            DType::Quant(format) => {
                let bytes = bytemuck::cast_slice(&self.buffer(tensor.buffer)?.words);
                let view = QuantView::new(format, tensor.rows, tensor.cols, bytes);
                Stored::Quant(view.map_err(|error| PlanError { at: 0, op: "tensor", what: error.to_string() })?)
            }
        })
    }
}

fn unknown(id: BufferId) -> BackendError {
    BackendError::Unknown { what: "buffer", id: id.0 }
}

fn range(from: usize, count: usize, buffer_bytes: usize) -> Result<std::ops::Range<usize>, BackendError> {
    let to = from.saturating_add(count);
    if to > buffer_bytes {
        return Err(BackendError::OutOfBounds { from, to, buffer_bytes });
    }
    Ok(from..to)
}
