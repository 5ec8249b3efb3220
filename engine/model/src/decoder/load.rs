//! Parameters into a backend's memory, tensor by tensor as they come.

use std::collections::HashMap;

use frugal_tensor::quant::{QuantError, Quantiser, Scheme};
use frugal_tensor::{Backend, BackendError, BufferId, DType, Memory, Tensor};
use half::{bf16, f16};

use super::parts::{Parts, assemble};
use super::{Decoder, Parameter};
use crate::config::Config;
use crate::shown::shown;
use crate::weights::{Entry, Listing, Piece, TensorProblem, WeightsError, canonical_name};

/// How a weight is stored once it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightType {
    /// As f32.
    F32,
    /// Rounded to f16.
    F16,
    /// Rounded to bf16.
    Bf16,
    /// Quantised by a rule.
    Quant(Scheme),
}

impl WeightType {
    fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::Bf16 => DType::Bf16,
            Self::Quant(scheme) => DType::Quant(scheme.format()),
        }
    }
}

/// Storage by kind of weight. Norms, biases and tables are f32 always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision {
    /// The embedding, and the head where it is tied.
    pub embedding: WeightType,
    /// Matrices of layers, and a head of its own.
    pub matrices: WeightType,
}

impl Precision {
    /// One storage for all.
    pub fn uniform(weight: WeightType) -> Self {
        Self { embedding: weight, matrices: weight }
    }
}

/// How the matrices of a file lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatrixOrder {
    /// As transformers saves them: GPT-2's layers input by output, all else output by input.
    Transformers,
    /// Output by input everywhere, as in GGUF.
    OutputFirst,
}

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The device.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The file.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Weights that cannot be stored as asked.
    #[error("tensor `{tensor}`: {problem}")]
    Quant {
        /// Which tensor.
        tensor: String,
        /// What is wrong.
        problem: QuantError,
    },
    /// A shape other than the configuration's.
    #[error("tensor `{tensor}` has the shape {have:?}, but the configuration asks for {want:?}")]
    Shape {
        /// Which tensor.
        tensor: String,
        /// Its shape.
        have: Vec<usize>,
        /// The shape that is due.
        want: Vec<usize>,
    },
    /// Pieces that leave a gap or overlap.
    #[error("tensor `{tensor}`: {have} elements came, the next piece starts at {start} and holds {count}")]
    OutOfOrder {
        /// Which tensor.
        tensor: String,
        /// Elements so far.
        have: usize,
        /// First element of the piece.
        start: usize,
        /// Elements of the piece.
        count: usize,
    },
    /// Two-byte rows of an odd length, which no device can be handed one by one.
    #[error("tensor `{tensor}`: rows of {cols} two-byte elements are not whole words; load it as f32")]
    OddRow {
        /// Which tensor.
        tensor: String,
        /// Columns.
        cols: usize,
    },
    /// Parameters that never came, or not wholly.
    #[error("{count} tensors are missing or incomplete, the first is `{first}`")]
    Missing {
        /// How many.
        count: usize,
        /// By name the first of them.
        first: String,
    },
    /// A matrix too large to address.
    #[error("a parameter of {rows} x {cols} is too large, or its rows are not whole groups of its quantisation")]
    Size {
        /// Rows.
        rows: usize,
        /// Columns.
        cols: usize,
    },
}

/// Fills a decoder's parameters from named tensors that come in any order, each in pieces in order.
///
/// What is held here besides the backend's memory is less than a row, but a whole matrix where it must be turned.
#[derive(Debug)]
pub struct Loader {
    parts: Parts,
    sources: HashMap<String, Source>,
    matrices: Vec<Matrix>,
    buffers: Vec<BufferId>,
    /// Decoded elements of one piece, kept for their memory.
    values: Vec<f32>,
}

/// Blocks of a file that are decoded at a time.
const DECODED_BLOCKS: usize = 1 << 12;

/// Elements of whole blocks, of which `first` is the first one's place in its tensor.
fn decode(
    listing: &Listing,
    entry: &Entry,
    bytes: &[u8],
    first: usize,
    values: &mut Vec<f32>,
) -> Result<(), LoadError> {
    entry.encoding.decode(bytes, values).map_err(|problem| listing.fault(entry, problem))?;
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => {
            let problem = TensorProblem::NotFinite { value: values[at], element: first + at };
            Err(listing.fault(entry, problem).into())
        }
    }
}

/// One named tensor of a file.
#[derive(Debug)]
struct Source {
    matrix: usize,
    /// Row of the matrix at which it starts.
    first_row: usize,
    shape: Vec<usize>,
    turned: bool,
    taken: usize,
    held: Vec<f32>,
}

/// One parameter in the backend's memory.
#[derive(Debug)]
struct Matrix {
    tensor: Tensor,
    quantiser: Option<Quantiser>,
}

impl Loader {
    /// Allocates every parameter of a model of this shape, for at most `context` positions.
    ///
    /// # Errors
    /// [`LoadError::Backend`], [`LoadError::Size`], [`LoadError::Quant`]. What was allocated before is freed.
    pub fn new(
        config: &Config,
        context: usize,
        order: MatrixOrder,
        precision: Precision,
        backend: &mut dyn Backend,
    ) -> Result<Self, LoadError> {
        let mut made = Allocation { backend, sources: HashMap::new(), matrices: Vec::new(), buffers: Vec::new() };
        match assemble(config, context, order, precision, &mut made) {
            Ok(parts) => {
                let Allocation { sources, matrices, buffers, .. } = made;
                Ok(Self { parts, sources, matrices, buffers, values: Vec::new() })
            }
            Err(error) => {
                let Allocation { backend, buffers, .. } = made;
                // The first error is the one to tell.
                buffers.into_iter().for_each(|buffer| drop(backend.free(buffer)));
                Err(error)
            }
        }
    }

    /// Whether the model has a parameter of this name; others may be skipped.
    pub fn wants(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }

    /// Names and shapes of all parameters, in no order.
    pub fn wanted(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.sources.iter().map(|(name, source)| (name.as_str(), source.shape.as_slice()))
    }

    /// Takes elements `start..start + values.len()` of a tensor, row by row. A name that is not wanted is passed over.
    ///
    /// # Errors
    /// [`LoadError`]; the loader is of no further use then.
    pub fn push(
        &mut self,
        backend: &mut dyn Backend,
        name: &str,
        shape: &[usize],
        start: usize,
        values: &[f32],
    ) -> Result<(), LoadError> {
        let Some(source) = self.sources.get_mut(name) else { return Ok(()) };
        if source.shape != shape {
            return Err(LoadError::Shape { tensor: shown(name), have: shape.to_vec(), want: source.shape.clone() });
        }
        let elements: usize = shape.iter().product();
        if start != source.taken || values.len() > elements - start {
            let (have, count) = (source.taken, values.len());
            return Err(LoadError::OutOfOrder { tensor: shown(name), have, start, count });
        }
        source.taken += values.len();
        let matrix = &mut self.matrices[source.matrix];
        let cols = matrix.tensor.cols;
        let before = source.taken - values.len();
        if source.turned {
            source.held.extend_from_slice(values);
            if source.taken == elements {
                let turned = turn(&std::mem::take(&mut source.held), cols);
                matrix.store(backend, name, source.first_row, &turned)?;
            }
            return Ok(());
        }
        let mut rest = values;
        let mut row = source.first_row + (before - source.held.len()) / cols;
        if !source.held.is_empty() {
            let (head, tail) = rest.split_at((cols - source.held.len()).min(rest.len()));
            source.held.extend_from_slice(head);
            rest = tail;
            if source.held.len() == cols {
                matrix.store(backend, name, row, &source.held)?;
                source.held.clear();
                row += 1;
            }
        }
        let (whole, tail) = rest.split_at(rest.len() - rest.len() % cols);
        if !whole.is_empty() {
            matrix.store(backend, name, row, whole)?;
        }
        source.held.extend_from_slice(tail);
        Ok(())
    }

    /// Takes a piece of a file as a [`Stream`](crate::weights::Stream) delivers it, whatever its encoding. A tensor that
    /// is not wanted is passed over.
    ///
    /// # Errors
    /// As [`push`](Self::push); [`LoadError::Weights`] where the file stores no weights there, or a value that is no
    /// finite number.
    pub fn take(&mut self, backend: &mut dyn Backend, listing: &Listing, piece: &Piece<'_>) -> Result<(), LoadError> {
        let entry = piece.entry;
        let name = canonical_name(listing, entry);
        if !self.wants(&name) {
            return Ok(());
        }
        let block_bytes = entry.encoding.block_bytes() as u64;
        let start = usize::try_from(piece.start / block_bytes).unwrap_or(usize::MAX) * entry.encoding.block_elements();
        // A piece may be a whole file's worth of a tensor; what is decoded at a time stays small.
        let step = DECODED_BLOCKS * entry.encoding.block_bytes();
        let mut values = std::mem::take(&mut self.values);
        let mut at = start;
        let mut result = Ok(());
        for bytes in piece.bytes.chunks(step) {
            values.clear();
            result = decode(listing, entry, bytes, at, &mut values)
                .and_then(|()| self.push(backend, &name, &entry.shape, at, &values));
            if result.is_err() {
                break;
            }
            at += values.len();
        }
        self.values = values;
        result
    }

    /// The decoder, when every parameter came.
    ///
    /// # Errors
    /// [`LoadError::Missing`], [`LoadError::Backend`]; what was allocated is freed.
    pub fn finish(self, backend: &mut dyn Backend) -> Result<Decoder, LoadError> {
        let unfinished = |source: &&Source| source.taken != source.shape.iter().product::<usize>();
        let count = self.sources.values().filter(unfinished).count();
        let first = self.sources.iter().filter(|(_, source)| unfinished(source)).map(|(name, _)| name).min();
        let result = match first {
            Some(first) => Err(LoadError::Missing { count, first: first.clone() }),
            None => self.matrices.iter().try_for_each(|matrix| {
                let Some(quantiser) = &matrix.quantiser else { return Ok(()) };
                let (at, tail) = quantiser.tail();
                Ok(backend.write(matrix.tensor.buffer, at, tail)?)
            }),
        };
        match result {
            Ok(()) => {
                let parameters = self.parameters();
                Ok(self.parts.into_decoder(self.buffers, parameters))
            }
            Err(error) => {
                self.abandon(backend);
                Err(error)
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let mut all: Vec<_> = self.sources.iter().collect();
        all.sort_by_key(|(name, _)| *name);
        let parameter = |(name, source): (&String, &Source)| {
            let matrix = self.matrices[source.matrix].tensor;
            let elements: usize = source.shape.iter().product();
            let (rows, offset) = (elements / matrix.cols.max(1), source.first_row * matrix.cols);
            let tensor = Tensor { rows, offset, ..matrix };
            Parameter { name: name.clone(), shape: source.shape.clone(), tensor, turned: source.turned }
        };
        all.into_iter().map(parameter).collect()
    }

    /// Gives all memory back, as after a cancelled or failed load.
    pub fn abandon(self, backend: &mut dyn Backend) {
        // A buffer that cannot be freed is gone with its device.
        self.buffers.into_iter().for_each(|buffer| drop(backend.free(buffer)));
    }
}

/// `[in, out]` to `[out, in]`, where `inputs` is the number of rows.
fn turn(values: &[f32], inputs: usize) -> Vec<f32> {
    let outputs = values.len() / inputs;
    (0..values.len()).map(|at| values[at % inputs * outputs + at / inputs]).collect()
}

impl Matrix {
    fn store(&mut self, backend: &mut dyn Backend, name: &str, row: usize, values: &[f32]) -> Result<(), LoadError> {
        let Tensor { buffer, cols, dtype, .. } = self.tensor;
        let odd = || LoadError::OddRow { tensor: shown(name), cols };
        let two_bytes = |halves: Vec<u8>| if cols % 2 == 0 { Ok(halves) } else { Err(odd()) };
        let (at, bytes) = match (dtype, &mut self.quantiser) {
            (DType::F16, _) => {
                let halves = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect();
                (row * cols * 2, two_bytes(halves)?)
            }
            (DType::Bf16, _) => {
                let halves = values.iter().flat_map(|value| bf16::from_f32(*value).to_le_bytes()).collect();
                (row * cols * 2, two_bytes(halves)?)
            }
            (DType::Quant(_), Some(quantiser)) => {
                let codes = quantiser.rows(row, values);
                let codes = codes.map_err(|problem| LoadError::Quant { tensor: shown(name), problem })?;
                (quantiser.code_offset(row), codes)
            }
            _ => (row * cols * 4, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        };
        Ok(backend.write(buffer, at, &bytes)?)
    }
}

/// Memory of parameters while a model is assembled.
pub(super) struct Allocation<'a> {
    pub(super) backend: &'a mut dyn Backend,
    sources: HashMap<String, Source>,
    matrices: Vec<Matrix>,
    buffers: Vec<BufferId>,
}

impl Allocation<'_> {
    /// A matrix whose rows come from one tensor after the other: names and rows of each.
    pub(super) fn matrix(
        &mut self,
        sources: &[(String, usize)],
        cols: usize,
        weight: WeightType,
        turned: bool,
    ) -> Result<Tensor, LoadError> {
        let rows = sources.iter().map(|(_, rows)| rows).sum();
        let tensor = self.allocate(rows, cols, weight.dtype())?;
        let quantiser = match weight {
            WeightType::Quant(scheme) => Some(Quantiser::new(scheme, rows, cols).map_err(|problem| {
                LoadError::Quant { tensor: sources.first().map_or_else(String::new, |(name, _)| name.clone()), problem }
            })?),
            _ => None,
        };
        let matrix = self.matrices.len();
        self.matrices.push(Matrix { tensor, quantiser });
        let mut first_row = 0;
        for (name, rows) in sources {
            let shape = if turned { vec![cols, *rows] } else { vec![*rows, cols] };
            let source = Source { matrix, first_row, shape, turned, taken: 0, held: Vec::new() };
            self.sources.insert(name.clone(), source);
            first_row += rows;
        }
        Ok(tensor)
    }

    /// A gain or bias: f32 elements from one tensor after the other, as one row.
    pub(super) fn vector(&mut self, sources: &[(String, usize)]) -> Result<Tensor, LoadError> {
        let tensor = self.matrix(sources, 1, WeightType::F32, false)?;
        for (name, count) in sources {
            if let Some(source) = self.sources.get_mut(name) {
                source.shape = vec![*count];
            }
        }
        Ok(Tensor::dense(tensor.buffer, 1, tensor.rows, DType::F32))
    }

    /// A computed f32 table.
    pub(super) fn table(&mut self, rows: usize, values: &[f32]) -> Result<Tensor, LoadError> {
        let tensor = self.allocate(rows, values.len() / rows, DType::F32)?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.backend.write(tensor.buffer, 0, &bytes)?;
        Ok(tensor)
    }

    fn allocate(&mut self, rows: usize, cols: usize, dtype: DType) -> Result<Tensor, LoadError> {
        let bytes = dtype.bytes(rows, cols).ok_or(LoadError::Size { rows, cols })?;
        let buffer = self.backend.allocate(bytes, Memory::Weights)?;
        self.buffers.push(buffer);
        Ok(Tensor::dense(buffer, rows, cols, dtype))
    }
}
