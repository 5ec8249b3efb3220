//! EvalPerf (Liu et al., COLM 2024, arXiv 2408.06450): tasks with one performance-exercising input and references of
//! rising speed, and its published results.

mod gunzip;
mod jobs;
mod pool;
mod results;
mod samples;
mod tasks;

pub use pool::{Arguments, GENERATOR_ENTRY_POINT, Pool, allows, parse_pools};
pub use results::{BriefResults, BriefTask, Config, Profiled, Summary, parse_brief_results};
pub use samples::{SamplesByTask, parse_folder, read_samples};
pub use tasks::{LINE_BYTES_MAX, Task, TaskReader, parse_tasks};

#[cfg(test)]
mod tests;
