use std::collections::HashSet;
use std::ops::Range;

use super::gguf::Metadata;
use super::{Encoding, TensorProblem, WeightsError};
use crate::shown::shown;

/// Dimensions that a tensor of any layer may have.
const DIMENSIONS_MAX: usize = 8;

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the file.
    pub name: String,
    /// How its elements are stored.
    pub encoding: Encoding,
    /// Sizes, slowest dimension first; empty for one number.
    pub shape: Vec<usize>,
    /// Where its bytes lie in the file.
    pub bytes: Range<u64>,
}

impl Entry {
    /// Bytes that it takes in the file.
    pub fn len_bytes(&self) -> u64 {
        self.bytes.end - self.bytes.start
    }

    /// Checks sizes that a header gives as 64-bit numbers.
    pub(super) fn shape(sizes: &[u64]) -> Result<Vec<usize>, TensorProblem> {
        if sizes.len() > DIMENSIONS_MAX {
            return Err(TensorProblem::Dimensions { have: sizes.len() as u64, limit: DIMENSIONS_MAX });
        }
        sizes.iter().map(|&size| usize::try_from(size).map_err(|_| TensorProblem::TooLarge)).collect()
    }
}

/// Which tensors a file holds, in the order of their bytes. Ranges were checked: they fit their shapes, lie inside the
/// file, and neither overlap nor leave bytes unclaimed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The file's name, for messages.
    pub file: String,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Where the first tensor may start.
    pub data_start: u64,
    /// The tensors, by ascending start.
    pub entries: Vec<Entry>,
    /// What a GGUF header says besides; absent for safetensors, whose metadata no model needs.
    pub metadata: Option<Metadata>,
}

impl Listing {
    /// Sorts and checks the entries of a header. `alignment`: every tensor starts at the next multiple of it, counted
    /// from `data_start`; 1 for none.
    pub(super) fn checked(mut self, alignment: u64) -> Result<Self, WeightsError> {
        self.entries.sort_by_key(|entry| (entry.bytes.start, entry.bytes.end));
        let mut names = HashSet::with_capacity(self.entries.len());
        let mut end = self.data_start;
        let mut previous: Option<&Entry> = None;
        for entry in &self.entries {
            if !names.insert(entry.name.as_str()) {
                return Err(self.fault(entry, TensorProblem::Duplicate));
            }
            let start = entry.bytes.start;
            let (Some(relative), true) = (start.checked_sub(self.data_start), entry.bytes.end <= self.file_bytes)
            else {
                let problem = TensorProblem::OutsideFile { end: entry.bytes.end, file_bytes: self.file_bytes };
                return Err(self.fault(entry, problem));
            };
            if let Some(other) = previous.filter(|_| start < end) {
                let problem = TensorProblem::Overlap { start, other: shown(&other.name) };
                return Err(self.fault(entry, problem));
            }
            if relative % alignment != 0 {
                return Err(self.fault(entry, TensorProblem::Misaligned { start: relative, alignment }));
            }
            let expected = (end - self.data_start).checked_next_multiple_of(alignment).unwrap_or(u64::MAX);
            if relative != expected {
                return Err(self.fault(entry, TensorProblem::Gap { bytes: relative.abs_diff(expected) }));
            }
            end = entry.bytes.end;
            previous = Some(entry);
        }
        let tail = self.file_bytes - end.min(self.file_bytes);
        if tail >= alignment {
            return Err(WeightsError::Header {
                file: self.file,
                part: "the list of tensors".into(),
                problem: format!("it leaves the last {tail} bytes of the file unclaimed"),
            });
        }
        Ok(self)
    }

    /// An error about one tensor of this file.
    pub(crate) fn fault(&self, entry: &Entry, problem: TensorProblem) -> WeightsError {
        WeightsError::Tensor { file: self.file.clone(), tensor: shown(&entry.name), problem }
    }
}
