//! Matrices in host memory, as kernels see them.

use half::{bf16, f16};

use crate::quant::QuantFormat;

/// A readable `[rows, cols]` matrix.
#[derive(Debug, Clone, Copy)]
pub struct View<'a, T = f32> {
    values: &'a [T],
    rows: usize,
    cols: usize,
    stride: usize,
}

impl<'a, T> View<'a, T> {
    /// A dense matrix.
    ///
    /// # Panics
    /// When `values` does not hold exactly `rows · cols` elements.
    pub fn dense(values: &'a [T], rows: usize, cols: usize) -> Self {
        assert_eq!(values.len(), rows * cols, "{rows} rows of {cols}");
        Self { values, rows, cols, stride: cols }
    }

    pub(crate) fn strided(values: &'a [T], rows: usize, cols: usize, stride: usize) -> Self {
        assert!(rows == 0 || values.len() >= (rows - 1) * stride + cols, "{rows} rows of {cols} every {stride}");
        Self { values, rows, cols, stride }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Elements of one row.
    pub fn row(&self, row: usize) -> &'a [T] {
        &self.values[row * self.stride..row * self.stride + self.cols]
    }

    /// `count` rows from row `from` on.
    pub(crate) fn rows_from(&self, from: usize, count: usize) -> Self {
        Self { values: &self.values[(from * self.stride).min(self.values.len())..], rows: count, ..*self }
    }

    /// `cols` columns from column `from` on.
    pub(crate) fn columns(&self, from: usize, cols: usize) -> Self {
        Self { values: &self.values[from.min(self.values.len())..], cols, ..*self }
    }

    /// Elements from the first one on, with what lies between rows; and the distance between rows.
    pub(crate) fn parts(&self) -> (&'a [T], usize) {
        (self.values, self.stride)
    }
}

/// A writable `[rows, cols]` matrix.
#[derive(Debug)]
pub struct ViewMut<'a, T = f32> {
    values: &'a mut [T],
    rows: usize,
    cols: usize,
    stride: usize,
}

impl<'a, T> ViewMut<'a, T> {
    /// A dense matrix.
    ///
    /// # Panics
    /// When `values` does not hold exactly `rows · cols` elements.
    pub fn dense(values: &'a mut [T], rows: usize, cols: usize) -> Self {
        assert_eq!(values.len(), rows * cols, "{rows} rows of {cols}");
        Self { values, rows, cols, stride: cols }
    }

    pub(crate) fn strided(values: &'a mut [T], rows: usize, cols: usize, stride: usize) -> Self {
        assert!(rows == 0 || values.len() >= (rows - 1) * stride + cols, "{rows} rows of {cols} every {stride}");
        Self { values, rows, cols, stride }
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Elements of one row.
    pub fn row(&mut self, row: usize) -> &mut [T] {
        &mut self.values[row * self.stride..row * self.stride + self.cols]
    }

    /// Elements from the first row on, with what lies between rows; and the distance between rows.
    pub(crate) fn parts(&mut self) -> (&mut [T], usize) {
        (self.values, self.stride)
    }
}

/// A weight, table or cache `[rows, cols]`, dense, in whatever it is stored.
#[derive(Debug, Clone, Copy)]
pub enum Stored<'a> {
    /// f32.
    F32(View<'a>),
    /// f16.
    F16(View<'a, f16>),
    /// bf16.
    Bf16(View<'a, bf16>),
    /// Groups of codes.
    Quant(QuantView<'a>),
}

/// A quantised weight: its parts lie as [`QuantFormat::layout`] says.
#[derive(Debug, Clone, Copy)]
pub struct QuantView<'a> {
    /// How codes are packed and grouped.
    pub format: QuantFormat,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Packed codes, row by row.
    pub codes: &'a [u8],
    /// Scales, two or four bytes each, row by row.
    pub scales: &'a [u8],
    /// Zeros; empty when the format has none.
    pub zeros: &'a [u8],
}

impl Stored<'_> {
    /// Rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::F32(view) => view.rows(),
            Self::F16(view) => view.rows(),
            Self::Bf16(view) => view.rows(),
            Self::Quant(view) => view.rows,
        }
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        match self {
            Self::F32(view) => view.cols(),
            Self::F16(view) => view.cols(),
            Self::Bf16(view) => view.cols(),
            Self::Quant(view) => view.cols,
        }
    }

    /// The f32 values of one row.
    ///
    /// # Panics
    /// When `out` has not `cols` elements.
    pub fn decode_row(&self, row: usize, out: &mut [f32]) {
        assert_eq!(out.len(), self.cols(), "one whole row");
        match self {
            Self::F32(view) => out.copy_from_slice(view.row(row)),
            Self::F16(view) => out.iter_mut().zip(view.row(row)).for_each(|(out, value)| *out = value.to_f32()),
            Self::Bf16(view) => out.iter_mut().zip(view.row(row)).for_each(|(out, value)| *out = value.to_f32()),
            Self::Quant(view) => view.decode_row(row, out),
        }
    }
}
