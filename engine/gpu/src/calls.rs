//! What a plan becomes: calls of kernels, each with its bindings, its parameters and its grid.

use std::ops::Range;

use frugal_tensor::{BackendError, BufferId, DType, Plan, PlanError, Tensor, TensorId};

use crate::kernels::{Access, Kernel};

/// Bindings start at multiples of this: the largest alignment that WebGPU lets a device ask for.
pub(crate) const ALIGNMENT: usize = 256;
/// Storage buffers that WebGPU grants every shader stage.
pub(crate) const STORAGE_BUFFERS: usize = 8;
/// Stands for "no scalar" where a place names one.
const ALL_LIVE: u32 = u32::MAX;

/// Which kernels suit an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kernels {
    /// No barriers and few workgroups: a processor that plays a GPU pays dearly for both.
    Serial,
    /// Workgroups that share their work.
    Parallel,
}

/// What a call binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Bytes `from..from + bytes` of a buffer.
    Part { buffer: BufferId, from: usize, bytes: usize },
    /// Where indices out of range are noted.
    Faults,
    /// What one call leaves for the next: as many bytes that hold nothing else.
    Scratch { bytes: usize },
    /// Something to bind where a kernel reads nothing.
    Nothing,
}

/// A storage binding: its number, its use, and what it binds.
pub(crate) type Binding = (u32, Access, Bound);

/// Where a matrix lies in its binding, in elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: u32,
    pub(crate) stride: u32,
    pub(crate) rows: u32,
    pub(crate) live: u32,
}

/// The uniform that a kernel reads as its `Params`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<u32>);

impl Params {
    pub(crate) fn place(mut self, place: Place) -> Self {
        self.0.extend([place.at, place.stride, place.rows, place.live]);
        self
    }

    pub(crate) fn word(mut self, word: u32) -> Self {
        self.0.push(word);
        self
    }

    pub(crate) fn flag(self, flag: bool) -> Self {
        self.word(u32::from(flag))
    }

    pub(crate) fn float(self, value: f32) -> Self {
        self.word(value.to_bits())
    }

    /// Padded to the alignment of uniform bindings.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = bytemuck::cast_slice(&self.0).to_vec();
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
        bytes
    }
}

/// How many things a dimension of a grid has in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Fixed(u32),
    /// The scalar of that number.
    Live(u8),
}

/// One dimension of a grid: things, and things per workgroup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) count: Count,
    pub(crate) per_group: u32,
}

impl Extent {
    /// One workgroup.
    pub(crate) const ONE: Self = Self { count: Count::Fixed(1), per_group: 1 };

    pub(crate) fn of(count: usize, per_group: u32) -> Self {
        // Tensors that a kernel cannot count are refused before.
        Self { count: Count::Fixed(u32::try_from(count).unwrap_or(u32::MAX)), per_group }
    }

    /// Rows of a tensor.
    pub(crate) fn rows(tensor: &Tensor, per_group: u32) -> Self {
        match tensor.live {
            Some(scalar) => Self { count: Count::Live(scalar), per_group },
            None => Self::of(tensor.rows, per_group),
        }
    }

    /// Workgroups; kernels stride, so that fewer than enough are enough.
    pub(crate) fn groups(self, scalars: &[u32], most: u32) -> u32 {
        let count = match self.count {
            Count::Fixed(count) => count,
            Count::Live(scalar) => scalars.get(usize::from(scalar)).copied().unwrap_or(0),
        };
        count.div_ceil(self.per_group).min(most)
    }
}

/// One dispatch.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) kernel: Kernel,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) params: Params,
    pub(crate) grid: [Extent; 2],
}

impl Call {
    /// Whether a device takes it: as many storage buffers as every device grants, and none written that is bound twice.
    pub(crate) fn fits(&self) -> bool {
        let buffer = |bound: &Bound| match bound {
            Bound::Part { buffer, .. } => Some(*buffer),
            Bound::Faults | Bound::Scratch { .. } | Bound::Nothing => None,
        };
        let shared = |(number, access, bound): &Binding| {
            let others = self.bindings.iter().filter(|other| other.0 != *number);
            *access == Access::Write
                && others.into_iter().any(|other| buffer(&other.2).is_some_and(|of| buffer(bound) == Some(of)))
        };
        self.bindings.len() <= STORAGE_BUFFERS && !self.bindings.iter().any(shared)
    }
}

/// Turns operators into calls.
pub(crate) struct Recorder<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) kernels: Kernels,
    /// The most bytes of one binding.
    pub(crate) binding_bytes: usize,
    pub(crate) calls: Vec<Call>,
}

impl Recorder<'_> {
    pub(crate) fn get(&self, id: TensorId) -> &Tensor {
        self.plan.get(id)
    }

    /// Binds `count` elements of `bits` bits from element `start` on, counted from byte `base`; elements before the first.
    pub(crate) fn part(
        &self,
        buffer: BufferId,
        base: usize,
        start: usize,
        count: usize,
        bits: usize,
    ) -> Result<(Bound, u32), BackendError> {
        let start_bit = base * 8 + start * bits;
        let from = start_bit / 8 / ALIGNMENT * ALIGNMENT;
        // Buffers are padded to 16 bytes, so that four elements can be read at once at their end.
        let to = (start_bit + count * bits).div_ceil(8).next_multiple_of(16);
        let bytes = (to - from).max(16);
        if bytes > self.binding_bytes {
            return Err(BackendError::OutOfMemory { needed_bytes: bytes });
        }
        Ok((Bound::Part { buffer, from, bytes }, small((start_bit - from * 8) / bits)?))
    }

    /// Binds some rows of a matrix of plain elements.
    pub(crate) fn rows(&self, tensor: &Tensor, rows: Range<usize>) -> Result<(Bound, Place), BackendError> {
        let start = tensor.offset + rows.start * tensor.stride;
        let count = if rows.is_empty() { 0 } else { (rows.len() - 1) * tensor.stride + tensor.cols };
        let (bound, at) = self.part(tensor.buffer, 0, start, count, element_bits(tensor.dtype))?;
        let live = tensor.live.map_or(ALL_LIVE, u32::from);
        Ok((bound, Place { at, stride: small(tensor.stride)?, rows: small(rows.len())?, live }))
    }

    /// Binds a whole matrix of plain elements.
    pub(crate) fn whole(&self, id: TensorId) -> Result<(Bound, Place), BackendError> {
        let tensor = self.get(id);
        self.rows(tensor, 0..tensor.rows)
    }

    /// Binds a vector that may be missing.
    pub(crate) fn optional(&self, id: Option<TensorId>) -> Result<(Bound, u32), BackendError> {
        let nothing = Ok((Bound::Nothing, 0));
        id.map_or(nothing, |id| self.whole(id).map(|(bound, place)| (bound, place.at)))
    }

    pub(crate) fn push(&mut self, kernel: Kernel, params: Params, grid: [Extent; 2], bindings: Vec<Binding>) {
        self.calls.push(Call { kernel, bindings, params, grid });
    }
}

impl Place {
    /// For a weight of codes, whose snippet reads other things from a place: words before the codes, scales, zeros.
    pub(crate) fn of_codes(words: u32, scales: u32, zeros: u32) -> Self {
        Self { at: words, stride: 0, rows: scales, live: zeros }
    }

    /// Whether rows can be read by four elements at once.
    pub(crate) fn aligned(self) -> bool {
        self.at.is_multiple_of(4) && self.stride.is_multiple_of(4)
    }
}

fn element_bits(dtype: DType) -> usize {
    match dtype {
        DType::F32 | DType::U32 => 32,
        DType::F16 | DType::Bf16 => 16,
        DType::Quant(format) => format.bits.count(),
    }
}

/// As a kernel counts.
pub(crate) fn small(count: usize) -> Result<u32, BackendError> {
    let what = || format!("{count} elements, more than a kernel can count");
    u32::try_from(count).map_err(|_| BackendError::Plan(PlanError { at: 0, op: "tensor", what: what() }))
}
