//! Judges the whole through its public doors. One binary, so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_possible_truncation)]

mod adapter;
mod adversary;
mod bad_input;
mod broken_modules;
mod command;
mod comparison;
mod contracts;
mod corpus;
mod defaults;
mod enamel;
mod endpoint;
mod golden;
mod hostile_samples;
mod interruption;
mod memory;
mod meters;
mod models;
mod optimize;
mod parity;
#[path = "../bench/peak.rs"]
mod peak;
mod problems;
mod profile;
mod readers;
mod real_data;
mod reports;
mod runner;
mod sas;
mod service;
mod stgen;
mod store;
mod training;
