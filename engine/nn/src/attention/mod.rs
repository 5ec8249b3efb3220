//! Attention layers. Each kind is a file; they share how rows find their place in a cache.

mod grouped;

pub use grouped::Grouped;

use frugal_tensor::{Tensor, TensorId};

/// Where each row of a step stands, as tensors of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows {
    /// `[rows, 1]`, u32.
    pub positions: TensorId,
    /// `[rows, 1]`, u32: whose cache.
    pub slots: TensorId,
}

/// What attention keeps between its operators; layers may share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scratch {
    /// Queries, keys and values side by side.
    pub projected: Tensor,
    /// Outputs of all heads.
    pub mixed: TensorId,
}

/// The cache of one layer: keys and values of every position of every slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyValueCache {
    /// `[slots · context, kv_heads · head_dim]`, after rotation.
    pub keys: Tensor,
    /// As `keys`.
    pub values: Tensor,
    /// Positions per slot.
    pub context: usize,
}
