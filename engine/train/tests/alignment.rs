//! Golden numbers of objectives and metrics.
#![allow(clippy::unwrap_used)]

mod vectors;
