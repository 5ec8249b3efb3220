//! SAS (Liu et al., COLM 2024, arXiv 2408.06450): a model synthesises the synthesiser of inputs. The method is theirs, the
//! prompt is ours.
//!
//! Several answers are asked for, all alike. Each says first whether the cost of the task grows with its input at all; if so
//! it reasons about what makes inputs dear and ends with a generator: a scale in, a tuple of arguments out. Equal generators
//! are one, and one that makes no arguments at the smallest scale is dropped. How far a generator's scale can be doubled is
//! for curation to find out, which takes the first that behaves.

mod options;
mod prompts;
mod work;

pub use options::{Options, OptionsError};
pub use work::{Next, Sas, Task, fold};
