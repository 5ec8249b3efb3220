#![allow(clippy::unwrap_used)]

mod bad_requests;
mod client;
mod evaluations;
mod harness;
mod models;
mod origins;
mod pages;
mod runs;
mod stopping;
