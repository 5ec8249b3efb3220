//! LLM4EFFI (Ye et al. 2025, arXiv 2502.18489): efficient code by thinking of algorithms before code, and of correctness
//! after both. The method is theirs, the prompts are ours.
//!
//! The task is made a specification, which is checked against the task. Two roles write tests: one chooses inputs, one works
//! out results. Algorithms are proposed without code; each gets advice on the language and becomes a program. All programs
//! meet all tests; where even the best program fails, a judge says whether the test is right. Wrong tests go, right ones drive one
//! round of repair, of which a tie keeps the original. The choice falls by passes, then by fuel: measured, which the original
//! leaves to a model's opinion, on inputs that the model is asked to make large.
//!
//! The result is measured on hidden inputs beside what the same model writes when it is simply asked.

mod candidates;
mod choose;
mod fold;
mod measure;
mod options;
mod prompts;
mod specification;
mod task;
mod verify;
mod work;

pub use fold::fold;
pub use options::{JoulesPerToken, Options, OptionsError, Preset, Stage, Stages, Start, TieBreak};
pub use task::Task;
pub use work::{Llm4Effi, Next};
