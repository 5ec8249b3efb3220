//! COFFE at function level (Peng et al., FSE 2025, arXiv 2502.02827): 398 problems of HumanEval and MBPP with
//! correctness tests and stressful tests, which are Python expressions.

mod contracts;
mod extract;
mod jobs;
mod predictions;
mod problems;
pub(super) mod values;

pub use contracts::ContractVerdict;
pub use extract::{NotExtracted, extract_code, extract_functions};
pub use predictions::{Prediction, Predictions, parse_predictions};
pub use problems::{CorrectnessTest, Files, Problem, REFERENCE_ENTRY_POINT, parse_problems};

#[cfg(test)]
mod tests;
