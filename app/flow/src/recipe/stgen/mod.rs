//! STGen (Peng et al., FSE 2025, arXiv 2502.02827): stressful tests by a model, in two phases. The method is theirs, the
//! prompts are ours.
//!
//! First the model writes contracts, assertions on the arguments, one at a time. A contract is kept only when every known
//! test still passes on the reference that carries it. Then the model writes inputs that cost more than the ones it is
//! shown; one is kept only when it is new and the annotated reference takes it. Kept inputs join the ones that are shown.
//! Of all that are kept the costliest become tests, by measured fuel of the reference.

mod contracts;
mod fold;
mod inputs;
mod options;
mod prompts;
mod task;
mod work;

pub use fold::fold;
pub use options::{Options, OptionsError};
pub use task::Task;
pub use work::{Next, StGen};
