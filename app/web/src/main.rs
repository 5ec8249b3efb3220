//! The pages: they draw, keep drafts, and speak `wire` to whoever computes. They run nothing themselves.

#![allow(unreachable_pub, reason = "the component macro writes `pub` for components that a binary cannot export")]

mod app;
mod engine;
mod page;
mod route;
mod server;
mod site;

fn main() {
    leptos::mount::mount_to_body(app::App);
}
