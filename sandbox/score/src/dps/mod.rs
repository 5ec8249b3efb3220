//! Differential performance evaluation: DPE and EvalPerf (Liu et al., COLM 2024, arXiv 2408.06450; evalplus/evalplus at
//! 26d6d00). Its rules, not its code.
//!
//! A task's pool of solutions is cut into [`clusters`] of like cost; each cluster's dearest member is a reference. A
//! sample earns the score of the fastest reference that it is not slower than. DPS is ordinal: it says how much of the
//! pool a sample beats, not how much cheaper it is, so [`crate::cost_ratio`] stands beside it.

mod aggregate;
mod clusters;
mod filter;
mod references;
mod win_rate;

pub use aggregate::{ModelDps, TaskDps, TaskOptions, model_dps, profiled_samples, task_dps};
pub use clusters::{BUILD_BASE, Cluster, FILTER_BASE, NOISE_WEIGHT, clusters};
pub use filter::{FilterOptions, Rejection, filter_task};
pub use references::{References, SampleDps};
pub use win_rate::{AlignedDps, WinRate, WinRateIntervals, aligned_dps, win_rate_intervals, win_rates};
