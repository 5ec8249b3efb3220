//! Frugal's own problems: for each, several solutions of distinct and declared complexity.
//!
//! A problem is a folder: `problem.toml` says what is asked and how its solutions grow, `problem.py` makes and
//! judges inputs, and `solutions` holds one file for each solution and language. The folder's name is the id.

mod description;
mod index;
mod jobs;
mod points;
mod problem;
mod samples;

pub use description::{Description, Solution};
pub use index::{parse_index, write_index};
pub use points::{Point, PointSet, parse_points};
pub use problem::Problem;
pub use samples::read_samples;

#[cfg(test)]
mod tests;
