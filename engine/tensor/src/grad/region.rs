//! Which part of a buffer a view sees.

use crate::Tensor;

/// A rectangle of a buffer whose rows lie `stride` elements apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    stride: usize,
    rows: (usize, usize),
    cols: (usize, usize),
}

impl Region {
    pub(super) fn of(tensor: &Tensor) -> Self {
        let stride = tensor.stride.max(1);
        let (row, col) = (tensor.offset / stride, tensor.offset % stride);
        Self { stride, rows: (row, row + tensor.rows), cols: (col, col + tensor.cols) }
    }

    /// Whether all of `other` lies within; views of other strides never do.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let within = |outer: (usize, usize), inner: (usize, usize)| outer.0 <= inner.0 && inner.1 <= outer.1;
        self.stride == other.stride && within(self.rows, other.rows) && within(self.cols, other.cols)
    }

    /// Whether the two share an element; views of other strides are taken to do so.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let meet = |a: (usize, usize), b: (usize, usize)| a.0 < b.1 && b.0 < a.1;
        self.stride != other.stride || meet(self.rows, other.rows) && meet(self.cols, other.cols)
    }

    /// Whether the rows of the two follow one another in the same columns.
    pub(super) fn continues(&self, other: &Self) -> bool {
        let follow = self.rows.1 == other.rows.0 || other.rows.1 == self.rows.0;
        self.stride == other.stride && self.cols == other.cols && follow
    }

    /// Both, where one continues the other.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self { rows: (self.rows.0.min(other.rows.0), self.rows.1.max(other.rows.1)), ..*self }
    }
}
