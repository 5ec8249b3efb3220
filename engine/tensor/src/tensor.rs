//! A matrix in a backend's memory, as a plan sees it.

use crate::{BufferId, DType};

/// Names a tensor within one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub u32);

impl TensorId {
    /// Index into the tensors of its plan.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A view of a buffer as a `[rows, cols]` matrix. Plans may share buffers; a view owns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tensor {
    /// Where the elements live.
    pub buffer: BufferId,
    /// Elements before the first one; 0 for quantised weights.
    pub offset: usize,
    /// Rows, or the most rows when `live` names a scalar.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Elements from one row to the next; `cols` when dense.
    pub stride: usize,
    /// How elements are stored.
    pub dtype: DType,
    /// The scalar of a run that says how many of the rows count this time; the others are neither read nor written.
    pub live: Option<u8>,
}

impl Tensor {
    /// A dense matrix from the start of `buffer`.
    pub fn dense(buffer: BufferId, rows: usize, cols: usize, dtype: DType) -> Self {
        Self { buffer, offset: 0, rows, cols, stride: cols, dtype, live: None }
    }

    /// The same with as many rows as scalar `scalar` says in each run.
    pub fn live(self, scalar: u8) -> Self {
        Self { live: Some(scalar), ..self }
    }

    /// Columns `from..from + cols` of this matrix.
    ///
    /// # Panics
    /// When the matrix has fewer columns: a caller's mistake.
    pub fn columns(self, from: usize, cols: usize) -> Self {
        assert!(from + cols <= self.cols, "columns {from}..{} of {}", from + cols, self.cols);
        Self { offset: self.offset + from, cols, ..self }
    }

    /// Elements from the start of the buffer to the end of the last row.
    pub(crate) fn extent(&self) -> Option<usize> {
        if self.rows == 0 || self.cols == 0 {
            return Some(self.offset);
        }
        (self.rows - 1).checked_mul(self.stride)?.checked_add(self.cols)?.checked_add(self.offset)
    }
}
