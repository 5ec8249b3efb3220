//! The operators of `frugal-tensor` as WebGPU kernels: in a browser's dedicated worker, and natively on Vulkan.
//!
//! [`Gpu::open`] finds an adapter, makes a device, and holds every kernel against the reference before anything uses it.
//! Each operator has a folder with its WGSL files, and [`Kernels`] says which of them suit an adapter. Preparing a plan
//! makes its pipelines, bindings and parameters; running it records one command buffer and creates nothing else.

mod calls;
mod gpu;
mod health;
mod kernels;
mod memory;
mod open;
mod ops;
mod prepared;
mod reads;
mod self_test;
#[cfg(test)]
mod tests;

pub use calls::Kernels;
pub use gpu::Gpu;
#[cfg(not(target_arch = "wasm32"))]
pub use open::block_on;
pub use open::{Adapter, OpenError, Options};
