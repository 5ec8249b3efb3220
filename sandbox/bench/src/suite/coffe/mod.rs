//! COFFE at function level (Peng et al., FSE 2025, arXiv 2502.02827): 398 problems of HumanEval and MBPP with
//! correctness tests and stressful tests, which are Python expressions; and the form of its file level, whole programs
//! with generators of what they read.

mod contracts;
mod extract;
mod file;
mod jobs;
mod predictions;
mod problems;
pub(super) mod values;

pub use contracts::ContractVerdict;
pub use extract::{NotExtracted, extract_code, extract_functions, extract_program};
pub use file::{Level, ProgramFiles, ProgramProblem, ProgramTest, level, parse_programs};
pub use predictions::{Asked, Prediction, Predictions, read_predictions};
pub use problems::{CorrectnessTest, Files, Problem, REFERENCE_ENTRY_POINT, parse_problems};

#[cfg(test)]
mod tests;
