//! What is told about a policy beside its loss: how sure it is, how varied, how far from where it began, and at what price.

mod calibration;
mod distribution;
mod diversity;
pub mod frontier;

pub use calibration::{ece, ece_likelihood, ece_reward};
pub use distribution::{entropy, kl};
pub use diversity::{DISTINCT_ORDERS, SELF_BLEU_ORDER, distinct, self_bleu};

/// What a metric cannot be computed from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MetricError {
    /// Nothing to measure.
    #[error("{metric} needs {needed}, and there {found}")]
    TooFew {
        /// Which metric.
        metric: &'static str,
        /// What it needs.
        needed: &'static str,
        /// What there is instead.
        found: &'static str,
    },
    /// Lists that belong together differ in length.
    #[error("{metric}: {left} numbers beside {right}")]
    Lengths {
        /// Which metric.
        metric: &'static str,
        /// Of the first list.
        left: usize,
        /// Of the second list.
        right: usize,
    },
    /// A number outside its range.
    #[error("{metric}: {value} is not {range}")]
    Range {
        /// Which metric.
        metric: &'static str,
        /// The number.
        value: f64,
        /// What it must be.
        range: &'static str,
    },
}

#[cfg(test)]
mod tests;
