use std::collections::HashMap;

use super::catalog::canonical_name;
use super::{Encoding, Entry, Listing, Piece, TensorProblem, WeightsError};
use crate::shown::shown;

/// What to do with a tensor that is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Keep its bytes as the file stores them.
    Stored,
    /// Decode it to f32 as it comes.
    Decoded,
    /// Drop it.
    Skip,
}

/// One whole tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// How `bytes` are to be read; [`Encoding::F32`] where `values` holds them decoded.
    pub encoding: Encoding,
    /// Sizes, slowest dimension first.
    pub shape: Vec<usize>,
    /// As in the file; empty where it was decoded.
    pub bytes: Vec<u8>,
    /// Decoded, row by row; empty where it was not.
    pub values: Vec<f32>,
}

impl Stored {
    /// All elements as f32, row by row.
    ///
    /// # Errors
    /// [`TensorProblem::NotWeights`].
    pub fn into_values(self) -> Result<Vec<f32>, TensorProblem> {
        if self.bytes.is_empty() {
            return Ok(self.values);
        }
        let mut values = Vec::with_capacity(self.shape.iter().product());
        self.encoding.decode(&self.bytes, &mut values)?;
        Ok(values)
    }
}

/// Collects what streams deliver, each tensor in memory of exactly its size, under Hugging Face's names.
#[derive(Debug, Default)]
pub struct Tensors {
    by_name: HashMap<String, Stored>,
}

impl Tensors {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one piece; those of a tensor come in order.
    ///
    /// # Errors
    /// [`WeightsError::OutOfMemory`], [`TensorProblem::NotWeights`] and [`TensorProblem::NotFinite`] where it decodes,
    /// [`TensorProblem::OutOfOrder`].
    pub fn take(&mut self, listing: &Listing, piece: &Piece<'_>, keep: Keep) -> Result<(), WeightsError> {
        if keep == Keep::Skip {
            return Ok(());
        }
        let name = canonical_name(listing, piece.entry);
        if piece.start == 0 {
            let stored = Self::reserve(listing, piece.entry, keep)?;
            self.by_name.insert(name.clone(), stored);
        }
        let encoding = piece.entry.encoding;
        let block_bytes = encoding.block_bytes() as u64;
        let stored = self.by_name.get_mut(&name);
        let have = stored.as_ref().map_or(0, |stored| match keep {
            Keep::Decoded => (stored.values.len() / encoding.block_elements()) as u64 * block_bytes,
            _ => stored.bytes.len() as u64,
        });
        let Some(stored) = stored.filter(|_| have == piece.start) else {
            let problem = TensorProblem::OutOfOrder { start: piece.start, expected: have };
            return Err(listing.fault(piece.entry, problem));
        };
        if keep == Keep::Stored {
            stored.bytes.extend_from_slice(piece.bytes);
            return Ok(());
        }
        let first = stored.values.len();
        encoding.decode(piece.bytes, &mut stored.values).map_err(|problem| listing.fault(piece.entry, problem))?;
        match stored.values[first..].iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(at) => {
                let problem = TensorProblem::NotFinite { value: stored.values[first + at], element: first + at };
                Err(listing.fault(piece.entry, problem))
            }
        }
    }

    fn reserve(listing: &Listing, entry: &Entry, keep: Keep) -> Result<Stored, WeightsError> {
        let elements: usize = entry.shape.iter().product();
        let (mut bytes, mut values) = (Vec::new(), Vec::new());
        let reserved = match keep {
            Keep::Decoded => values.try_reserve_exact(elements),
            _ => bytes.try_reserve_exact(usize::try_from(entry.len_bytes()).unwrap_or(usize::MAX)),
        };
        reserved.map_err(|_| WeightsError::OutOfMemory {
            file: listing.file.clone(),
            tensor: shown(&entry.name),
            bytes: entry.len_bytes(),
        })?;
        let encoding = if keep == Keep::Decoded { Encoding::F32 } else { entry.encoding };
        Ok(Stored { encoding, shape: entry.shape.clone(), bytes, values })
    }

    /// A tensor, without removing it.
    pub fn get(&self, name: &str) -> Option<&Stored> {
        self.by_name.get(name)
    }

    /// Removes a tensor, so that its memory goes where it is needed.
    pub fn remove(&mut self, name: &str) -> Option<Stored> {
        self.by_name.remove(name)
    }

    /// Names of what is here.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}
