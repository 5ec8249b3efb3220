//! Text of our own to learn from, made from a seed: stories with a sentiment, additions with carries, small Python tasks.
//!
//! Generators say what is true of their text (the sentiment of a story, the sum, which solutions a task has); what that is
//! worth to a run is not decided here.

pub mod arithmetic;
pub mod python;
pub mod stories;

use crate::random::Random;

/// What an example is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Learnt from.
    Train,
    /// Looked at to choose between runs.
    Validation,
    /// Looked at once, at the end.
    Test,
}

impl Split {
    /// Where something belongs that has a name: 8 of 10 are learnt from. The same name always falls into the same split, and
    /// no seed moves it.
    pub fn of(name: &str) -> Self {
        match crate::reference::hash(name.as_bytes())[0] {
            0..205 => Self::Train,
            205..230 => Self::Validation,
            _ => Self::Test,
        }
    }
}

/// One of them; what stands first where the list is empty is nothing, and there is none such.
fn one<'a>(random: &mut Random, all: &[&'a str]) -> &'a str {
    random.pick(all).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
