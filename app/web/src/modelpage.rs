//! The Model page: a module of its own, which the page fetches when a person goes there.
//!
//! Start at `entry::mount`: the room for it calls that with the element to draw in.

#![allow(unreachable_pub, reason = "the component macro writes `pub` for components that a binary cannot export")]

#[cfg(target_arch = "wasm32")]
mod entry;
#[cfg(target_arch = "wasm32")]
mod model_page;
#[cfg(target_arch = "wasm32")]
#[expect(dead_code, reason = "shared with the page itself; each uses some of it")]
mod site;

#[cfg(target_arch = "wasm32")]
use model_page::Model as Page;

fn main() {}
