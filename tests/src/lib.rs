//! Judges of Frugal, through its public doors only.

pub mod vectors;
