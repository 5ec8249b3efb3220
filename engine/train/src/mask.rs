//! Which rows of a batch count: response tokens do, prompt and padding do not.

/// What a batch of rows got wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RowsError {
    /// A slice is not as long as its layout says.
    #[error("{what} has {found} values, {expected} are needed ({sequences} sequences of {tokens} tokens)")]
    Length {
        /// Whose values.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
        /// Sequences of the batch.
        sequences: usize,
        /// Rows of each.
        tokens: usize,
    },
    /// A sequence without a token that counts.
    #[error(
        "sequence {sequence} has no response token; leave it out, or shorten its prompt so that some response stays"
    )]
    Empty {
        /// Its index in the batch.
        sequence: usize,
    },
    /// A batch without sequences.
    #[error("the batch is empty")]
    NoSequences,
    /// A label beyond the vocabulary.
    #[error("label {label} of sequence {sequence} at position {position} is outside the vocabulary of {vocabulary}")]
    Label {
        /// The label.
        label: i64,
        /// Its sequence.
        sequence: usize,
        /// Its position.
        position: usize,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
    /// A number that is infinite or NaN where a finite one is needed.
    #[error("{what} of sequence {sequence} at row {row} is {value}; every number that counts must be finite")]
    NotFinite {
        /// Whose number.
        what: &'static str,
        /// Its sequence.
        sequence: usize,
        /// Its row in the sequence.
        row: usize,
        /// The number.
        value: f64,
    },
}

/// `[sequences, tokens]`, row after row: true where a row's token is part of a response, the end of text included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    sequences: usize,
    tokens: usize,
    kept: Vec<bool>,
    counts: Vec<usize>,
}

/// A label that no row answers for.
pub const IGNORED: i64 = -100;

impl Mask {
    /// # Errors
    /// [`RowsError`] where the length does not fit, the batch is empty, or a sequence has no token that counts.
    pub fn new(sequences: usize, tokens: usize, kept: Vec<bool>) -> Result<Self, RowsError> {
        if sequences == 0 || tokens == 0 {
            return Err(RowsError::NoSequences);
        }
        let expected = sequences.saturating_mul(tokens);
        if kept.len() != expected {
            return Err(RowsError::Length { what: "the mask", found: kept.len(), expected, sequences, tokens });
        }
        let counts: Vec<usize> =
            kept.chunks_exact(tokens).map(|row| row.iter().filter(|kept| **kept).count()).collect();
        match counts.iter().position(|count| *count == 0) {
            Some(sequence) => Err(RowsError::Empty { sequence }),
            None => Ok(Self { sequences, tokens, kept, counts }),
        }
    }

    /// Mask and targets from labels `[sequences, tokens]` of the same positions as the tokens: the row at `t` predicts the
    /// label at `t + 1`, so the last row predicts nothing. Labels of [`IGNORED`] do not count; their target is 0.
    ///
    /// # Errors
    /// As [`Mask::new`], and [`RowsError::Label`] for a label that is neither [`IGNORED`] nor in the vocabulary.
    pub fn shifted(
        sequences: usize,
        tokens: usize,
        labels: &[i64],
        vocabulary: usize,
    ) -> Result<(Self, Vec<usize>), RowsError> {
        let expected = sequences.saturating_mul(tokens);
        if labels.len() != expected {
            return Err(RowsError::Length { what: "the labels", found: labels.len(), expected, sequences, tokens });
        }
        let (mut kept, mut targets) = (vec![false; expected], vec![0; expected]);
        for (row, slot) in kept.iter_mut().enumerate() {
            let position = row % tokens + 1;
            if position == tokens || labels[row + 1] == IGNORED {
                continue;
            }
            let (label, sequence) = (labels[row + 1], row / tokens);
            match usize::try_from(label).ok().filter(|label| *label < vocabulary) {
                Some(target) => (*slot, targets[row]) = (true, target),
                None => return Err(RowsError::Label { label, sequence, position, vocabulary }),
            }
        }
        Ok((Self::new(sequences, tokens, kept)?, targets))
    }

    /// Sequences of the batch.
    pub fn sequences(&self) -> usize {
        self.sequences
    }

    /// Rows of each sequence, padding included.
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// All rows.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// A mask always has rows.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Rows that count.
    pub fn count(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Rows that count in one sequence.
    pub fn count_of(&self, sequence: usize) -> usize {
        self.counts[sequence]
    }

    /// Whether a row counts.
    pub fn keeps(&self, row: usize) -> bool {
        self.kept[row]
    }

    /// Rows of one sequence that count, as indices into the batch.
    pub fn rows_of(&self, sequence: usize) -> impl Iterator<Item = usize> + '_ {
        let start = sequence * self.tokens;
        (start..start + self.tokens).filter(|row| self.kept[*row])
    }

    /// The sequence and the index of every row that counts.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.kept.len()).filter(|row| self.kept[*row]).map(|row| (row / self.tokens, row))
    }

    /// Checks that `values` has one number for each row, and that those which count are finite. Whatever stands in the
    /// other rows is never read again.
    pub(crate) fn check<R: crate::Real>(&self, what: &'static str, values: &[R]) -> Result<(), RowsError> {
        if values.len() != self.kept.len() {
            let (found, expected) = (values.len(), self.kept.len());
            return Err(RowsError::Length { what, found, expected, sequences: self.sequences, tokens: self.tokens });
        }
        match self.rows().find(|(_, row)| !values[*row].is_finite()) {
            Some((sequence, row)) => {
                let value = values[row].to_f64();
                Err(RowsError::NotFinite { what, sequence, row: row % self.tokens, value })
            }
            None => Ok(()),
        }
    }

    /// The same for one number for each sequence.
    pub(crate) fn check_sequences<R: crate::Real>(&self, what: &'static str, values: &[R]) -> Result<(), RowsError> {
        if values.len() != self.sequences {
            let (found, expected) = (values.len(), self.sequences);
            return Err(RowsError::Length { what, found, expected, sequences: self.sequences, tokens: self.tokens });
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(sequence) => Err(RowsError::NotFinite { what, sequence, row: 0, value: values[sequence].to_f64() }),
            None => Ok(()),
        }
    }

    /// The sum of a sequence's rows that count, in f64.
    pub(crate) fn sum<R: crate::Real>(&self, sequence: usize, value: impl Fn(usize) -> R) -> R {
        R::from_f64(self.rows_of(sequence).map(|row| value(row).to_f64()).sum())
    }
}
