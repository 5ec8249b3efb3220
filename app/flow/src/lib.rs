//! Which step comes next, without I/O: commands out, events in, a report at the end.
//!
//! [`compare`] holds samples against references, [`run`] is one run, [`enamel::Study`] an evaluation of samples on
//! ENAMEL, [`recipe`] what also asks a model, [`agreement`] fuel beside other measures, [`training`] what a training run is asked to do. No thread, clock or file is touched
//! here: an edge executes the commands on its runner, in any order and as many at once as it likes, and the report is the same.

pub mod agreement;
pub mod compare;
pub mod curation;
pub mod enamel;
mod limits;
pub mod problem_check;
mod progress;
pub mod recipe;
pub mod run;
pub mod training;

pub use limits::{limits_from_report, limits_report};
pub use progress::Progress;

/// The version that goes into every report.
pub const FRUGAL_VERSION: &str = env!("CARGO_PKG_VERSION");
