//! The pages: they draw, keep drafts, and speak `wire` to whoever computes. They run nothing themselves.

#![allow(unreachable_pub, reason = "the component macro writes `pub` for components that a binary cannot export")]

mod app;
#[expect(dead_code, reason = "shared with pages that are modules of their own; each uses some of it")]
mod engine;
mod page;
mod route;
mod server;
#[expect(dead_code, reason = "shared with pages that are modules of their own; each uses some of it")]
mod site;

/// What comes of benchmarks is read by the Bench page alone.
type EvaluationRow = serde::de::IgnoredAny;
type EvaluationSummary = serde::de::IgnoredAny;

fn main() {
    leptos::mount::mount_to_body(app::App);
}
