//! The architecture as tests: who may know whom, how large a file may be, which words stand nowhere.
//!
//! Each module holds its rules as data at the top, a check that turns the tree into a list of findings, the test that
//! the list is empty, and a test that the check finds a planted fault.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod blobs;
mod dependencies;
mod documents;
mod generated;
mod layers;
mod licence;
mod manifests;
mod metadata;
mod purity;
mod sizes;
mod tree;
mod words;

/// Fails with one line per finding.
#[track_caller]
fn assert_none(findings: &[String], rule: &str) {
    assert!(findings.is_empty(), "{rule}:\n  {}\n", findings.join("\n  "));
}
