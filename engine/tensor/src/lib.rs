//! What a computation is, before anything computes it.
//!
//! A model's step is a [`Plan`]: a recorded list of [`Op`]s over preallocated memory, prepared once and run per token.
//! A [`Backend`] runs plans; it is object-safe, and nothing above it is generic over it. [`cpu`] says what each
//! operator means: slow, obvious, sums in f64. [`Cpu`] is a backend from those meanings, or from fast kernels that are
//! judged by them.
//!
//! Every tensor is a matrix: batch and time go into rows, heads into columns, and an operator that needs a head count
//! names it.

mod backend;
pub mod cpu;
mod dtype;
mod fast;
pub mod grad;
mod host;
mod op;
pub mod parity;
mod plan;
pub mod quant;
mod tensor;
mod train;
mod view;

pub use backend::{Backend, BackendError, BufferId, Memory, MemoryUse, PlanId, ReadId, blocking_read, polled_read};
pub use dtype::DType;
pub use host::Cpu;
pub use op::{Activation, Attention, NO_COLUMN, Op, RopeLayout};
pub use plan::{Plan, PlanError};
pub use tensor::{Tensor, TensorId};
pub use train::{COEFFICIENTS, Optimiser, OptimiserSettings, SETTINGS, STATISTICS, SelfAttention, Train, Update};
pub use view::{QuantView, Stored, View, ViewMut};
