use std::collections::HashMap;

use super::gguf::hugging_face_name;
use super::{Entry, Listing, ShardIndex, TensorProblem, WeightsError};
use crate::shown::shown;

/// The tensors of all files of a model, under Hugging Face's names.
#[derive(Debug)]
pub struct Catalog {
    files: Vec<Listing>,
    places: HashMap<String, (usize, usize)>,
}

impl Catalog {
    /// Joins the listings of a model's files. With an index, each tensor must lie where the index says.
    ///
    /// # Errors
    /// [`WeightsError::InTwoFiles`], [`WeightsError::MissingFile`], [`WeightsError::Missing`] for a tensor of the index,
    /// [`TensorProblem::WrongFile`].
    pub fn new(files: Vec<Listing>, index: Option<&ShardIndex>) -> Result<Self, WeightsError> {
        let mut places: HashMap<String, (usize, usize)> = HashMap::new();
        for (file, listing) in files.iter().enumerate() {
            for (at, entry) in listing.entries.iter().enumerate() {
                let name = canonical_name(listing, entry);
                if let Some((first, _)) = places.insert(name, (file, at)) {
                    return Err(WeightsError::InTwoFiles {
                        tensor: shown(&entry.name),
                        first: files[first].file.clone(),
                        second: listing.file.clone(),
                    });
                }
            }
        }
        let catalog = Self { files, places };
        if let Some(index) = index {
            catalog.check(index)?;
        }
        Ok(catalog)
    }

    fn check(&self, index: &ShardIndex) -> Result<(), WeightsError> {
        for file in index.files() {
            if !self.files.iter().any(|listing| listing.file == file) {
                return Err(WeightsError::MissingFile { index: index.name.clone(), file: file.into() });
            }
        }
        for (tensor, named) in &index.file_of {
            let Some((listing, entry)) = self.get(tensor) else {
                return Err(WeightsError::Missing { tensor: shown(tensor), files: self.files.len() });
            };
            if listing.file != *named {
                return Err(listing.fault(entry, TensorProblem::WrongFile { named: named.clone() }));
            }
        }
        Ok(())
    }

    /// The files that it joins.
    pub fn files(&self) -> &[Listing] {
        &self.files
    }

    /// Bytes of all tensors as stored.
    pub fn weights_bytes(&self) -> u64 {
        self.files.iter().flat_map(|listing| &listing.entries).map(Entry::len_bytes).sum()
    }

    /// A tensor and the file that holds it.
    pub fn get(&self, name: &str) -> Option<(&Listing, &Entry)> {
        let &(file, at) = self.places.get(name)?;
        Some((&self.files[file], &self.files[file].entries[at]))
    }

    /// A tensor that a model needs, with the shape that its configuration asks for.
    ///
    /// # Errors
    /// [`WeightsError::Missing`], [`TensorProblem::Shape`], [`TensorProblem::NotWeights`].
    pub fn require(&self, name: &str, shape: &[usize]) -> Result<(&Listing, &Entry), WeightsError> {
        let (listing, entry) =
            self.get(name).ok_or_else(|| WeightsError::Missing { tensor: shown(name), files: self.files.len() })?;
        if entry.shape != shape {
            let problem = TensorProblem::Shape { have: entry.shape.clone(), want: shape.to_vec() };
            return Err(listing.fault(entry, problem));
        }
        if !entry.encoding.is_weights() {
            return Err(listing.fault(entry, TensorProblem::NotWeights(entry.encoding)));
        }
        Ok((listing, entry))
    }
}

/// The name under which a tensor is asked for, whatever its file's format: the one of a whole model with its head.
pub(crate) fn canonical_name(listing: &Listing, entry: &Entry) -> String {
    let name = entry.name.as_str();
    if let Some(metadata) = &listing.metadata {
        let architecture = metadata.text("general.architecture").unwrap_or_default();
        return hugging_face_name(architecture, name).unwrap_or_else(|| name.to_owned());
    }
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    if begins(&["wte.", "wpe.", "h.", "ln_f."]) {
        return format!("transformer.{name}");
    }
    if begins(&["embed_tokens.", "layers.", "norm."]) {
        return format!("model.{name}");
    }
    name.to_owned()
}
