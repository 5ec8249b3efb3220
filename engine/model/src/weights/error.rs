use super::{Encoding, HEADER_BYTES_MAX};

/// Why weights cannot be read. Each message says the file, the tensor where there is one, and what to mend.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file ends early.
    #[error("{file} ends after {have_bytes} bytes, inside {part}, which needs {needed_bytes}: fetch the file again")]
    Truncated {
        /// Which file.
        file: String,
        /// What the end cuts through.
        part: String,
        /// Bytes that came.
        have_bytes: u64,
        /// Bytes up to the end of the part.
        needed_bytes: u64,
    },
    /// More bytes came than the file was said to have.
    #[error("{file} was said to have {file_bytes} bytes, but more came: fetch the file again")]
    Overlong {
        /// Which file.
        file: String,
        /// Bytes that it was said to have.
        file_bytes: u64,
    },
    /// The header is larger than any model needs.
    #[error(
        "{file}: the header has {header_bytes} bytes, at most {HEADER_BYTES_MAX} are read: is this a weights file?"
    )]
    HeaderTooLarge {
        /// Which file.
        file: String,
        /// Bytes that it claims.
        header_bytes: u64,
    },
    /// The header is no header of the format.
    #[error("{file}: {part} of the header is invalid, {problem}: fetch or convert the file again")]
    Header {
        /// Which file.
        file: String,
        /// Which part, by name or byte offset.
        part: String,
        /// What is wrong with it.
        problem: String,
    },
    /// One tensor is at fault.
    #[error("{file}: tensor `{tensor}` {problem}")]
    Tensor {
        /// Which file.
        file: String,
        /// Which tensor.
        tensor: String,
        /// What is wrong with it.
        problem: TensorProblem,
    },
    /// Two files of one model hold the same tensor.
    #[error("tensor `{tensor}` stands in both {first} and {second}: give the files of one model only")]
    InTwoFiles {
        /// Which tensor.
        tensor: String,
        /// A file that holds it.
        first: String,
        /// Another one.
        second: String,
    },
    /// No file holds a tensor that the model needs.
    #[error(
        "tensor `{tensor}` is in none of the model's {files} files: add the missing file, or correct the configuration"
    )]
    Missing {
        /// Which tensor.
        tensor: String,
        /// How many files were given.
        files: usize,
    },
    /// The index names a file that was not given.
    #[error("{index} names {file}, which is not there: add the file")]
    MissingFile {
        /// The index.
        index: String,
        /// The absent file.
        file: String,
    },
    /// Memory ran out.
    #[error("{file}: no memory for the {bytes} bytes of tensor `{tensor}`: choose a smaller model")]
    OutOfMemory {
        /// Which file.
        file: String,
        /// Which tensor.
        tensor: String,
        /// Bytes asked for.
        bytes: u64,
    },
}

/// What is wrong with one tensor.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorProblem {
    /// Its encoding is not read.
    #[error("is stored as {0}, which is not read: convert it to f32, f16, bf16, q8_0 or q4_0")]
    UnknownEncoding(String),
    /// Its encoding is no number format for weights.
    #[error("holds {0:?}, which are no weights: is this the right tensor?")]
    NotWeights(Encoding),
    /// A dimension is zero.
    #[error("has a dimension of zero in {0:?}: convert the file again")]
    ZeroDimension(Vec<usize>),
    /// More dimensions than any layer has.
    #[error("has {have} dimensions, at most {limit} are read")]
    Dimensions {
        /// Dimensions that it claims.
        have: u64,
        /// Dimensions that are read.
        limit: usize,
    },
    /// Its element or byte count overflows.
    #[error("claims more elements than this machine can address: fetch the file again")]
    TooLarge,
    /// Its rows are not whole blocks of its encoding.
    #[error("has rows of {columns} elements, but {encoding:?} stores blocks of {block}: convert the file again")]
    PartialBlock {
        /// Elements of a row.
        columns: usize,
        /// Its encoding.
        encoding: Encoding,
        /// Elements of a block.
        block: usize,
    },
    /// Its byte range does not fit its shape.
    #[error("has a range of {range_bytes} bytes, but its shape needs {shape_bytes}: convert the file again")]
    RangeLength {
        /// Bytes of the range.
        range_bytes: u64,
        /// Bytes by shape and encoding.
        shape_bytes: u64,
    },
    /// Its range ends before it starts.
    #[error("has a range from {start} to {end}, which runs backwards: convert the file again")]
    Backwards {
        /// Start of the range.
        start: u64,
        /// End of the range.
        end: u64,
    },
    /// Its range leaves the file.
    #[error("ends at byte {end}, but the file has {file_bytes} bytes: fetch the file again")]
    OutsideFile {
        /// End of the range in the file.
        end: u64,
        /// Bytes of the file.
        file_bytes: u64,
    },
    /// Its range overlaps another tensor's.
    #[error("starts at byte {start}, inside tensor `{other}`: convert the file again")]
    Overlap {
        /// Start of the range in the file.
        start: u64,
        /// The other tensor.
        other: String,
    },
    /// Bytes before it belong to no tensor.
    #[error("has {bytes} bytes before it that belong to no tensor: convert the file again")]
    Gap {
        /// Unclaimed bytes, padding aside.
        bytes: u64,
    },
    /// Its range starts off the alignment.
    #[error("starts at byte {start}, which is no multiple of the alignment {alignment}: convert the file again")]
    Misaligned {
        /// Start relative to the data.
        start: u64,
        /// Alignment of the file.
        alignment: u64,
    },
    /// The header names it twice.
    #[error("is named twice: convert the file again")]
    Duplicate,
    /// The header lacks one of its fields, or has a field that the format does not know.
    #[error("is described wrongly, {0}: convert the file again")]
    Description(String),
    /// It has another shape than the model needs.
    #[error("has the shape {have:?}, but the model needs {want:?}: correct the configuration")]
    Shape {
        /// Shape in the file.
        have: Vec<usize>,
        /// Shape by the configuration.
        want: Vec<usize>,
    },
    /// A value is no finite number.
    #[error("holds {value} at element {element}: the file is damaged or the training diverged")]
    NotFinite {
        /// The value.
        value: f32,
        /// Index of the element, row by row.
        element: usize,
    },
    /// The index says that it lies elsewhere.
    #[error("should be in {named} by the index: fetch the files of one version")]
    WrongFile {
        /// File by the index.
        named: String,
    },
    /// Bytes came in another order or number than the listing says.
    #[error("got bytes from {start}, but {expected} come next: fetch each range once and in order")]
    OutOfOrder {
        /// First byte that came, within the tensor.
        start: u64,
        /// First byte wanted.
        expected: u64,
    },
}
