//! The door to whatever computes.

use std::task::{Context, Poll, Waker};

use crate::{Plan, PlanError};

/// A piece of a backend's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub u32);

/// A prepared plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlanId(pub u32);

/// A read that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReadId(pub u32);

/// What memory is for; a report says bytes by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Memory {
    /// Parameters of a model, and tables computed at load.
    Weights,
    /// Keys and values of past tokens.
    Cache,
    /// Activations, and what a run is fed.
    Scratch,
}

/// Bytes that are allocated now, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryUse {
    /// Parameters of a model, and tables computed at load.
    pub weights_bytes: usize,
    /// Keys and values of past tokens.
    pub cache_bytes: usize,
    /// Activations, and what a run is fed.
    pub scratch_bytes: usize,
}

impl MemoryUse {
    /// The count of one kind.
    pub fn of(&mut self, kind: Memory) -> &mut usize {
        match kind {
            Memory::Weights => &mut self.weights_bytes,
            Memory::Cache => &mut self.cache_bytes,
            Memory::Scratch => &mut self.scratch_bytes,
        }
    }
}

/// What a caller may mend, or must know of, when a backend does not do as told.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// Memory ran out, or one allocation exceeds what the device offers in one piece.
    #[error("no memory for {needed_bytes} more bytes: choose a smaller model, dtype or context")]
    OutOfMemory {
        /// Bytes asked for.
        needed_bytes: usize,
    },
    /// The device is gone, and everything on it; another backend must be made.
    #[error("the device was lost: {reason}")]
    DeviceLost {
        /// What the driver says.
        reason: String,
    },
    /// A buffer, plan or read that was never given out, or was released.
    #[error("{what} {id} does not exist")]
    Unknown {
        /// Kind of thing.
        what: &'static str,
        /// Its number.
        id: u32,
    },
    /// A transfer past the end of a buffer.
    #[error("bytes {from}..{to} of a buffer of {buffer_bytes}")]
    OutOfBounds {
        /// First byte.
        from: usize,
        /// Byte after the last.
        to: usize,
        /// Bytes of the buffer.
        buffer_bytes: usize,
    },
    /// A plan that cannot be run.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// An id, position or slot at or past the end of what it counts.
    #[error("{op}: index {index} where only {limit} exist")]
    Index {
        /// Operator.
        op: &'static str,
        /// What was asked for.
        index: u32,
        /// First index that does not exist.
        limit: usize,
    },
    /// A run that names fewer scalars than its plan, or more live rows than a tensor has.
    #[error("scalar {scalar} of a run: {detail}")]
    Scalar {
        /// Index of the scalar.
        scalar: u8,
        /// What is wrong with it.
        detail: String,
    },
}

/// Runs plans. Object-safe: an edge picks one, and everything above holds a `dyn Backend`.
///
/// Commands take effect in the order given. Errors of a device may surface at a later command than the one that
/// caused them. Nothing is allocated by [`write`](Self::write), [`run`](Self::run) and [`read`](Self::read) once each
/// was done before in the same size.
pub trait Backend {
    /// What computes, for people: "CPU, reference", or an adapter's name.
    fn describe(&self) -> String;

    /// Zeroed memory of `bytes` bytes.
    ///
    /// # Errors
    /// [`BackendError::OutOfMemory`], [`BackendError::DeviceLost`].
    fn allocate(&mut self, bytes: usize, kind: Memory) -> Result<BufferId, BackendError>;

    /// Gives memory back. Plans that name it fail from now on.
    ///
    /// # Errors
    /// [`BackendError::Unknown`].
    fn free(&mut self, buffer: BufferId) -> Result<(), BackendError>;

    /// Copies `bytes` to `buffer`, from byte `offset` on; offset and length are multiples of 4.
    ///
    /// # Errors
    /// [`BackendError::Unknown`], [`BackendError::OutOfBounds`], [`BackendError::DeviceLost`].
    fn write(&mut self, buffer: BufferId, offset: usize, bytes: &[u8]) -> Result<(), BackendError>;

    /// Checks a plan and makes whatever running it needs.
    ///
    /// # Errors
    /// [`BackendError::Plan`], [`BackendError::Unknown`], [`BackendError::OutOfMemory`], [`BackendError::DeviceLost`].
    fn prepare(&mut self, plan: &Plan) -> Result<PlanId, BackendError>;

    /// Forgets a plan.
    ///
    /// # Errors
    /// [`BackendError::Unknown`].
    fn release(&mut self, plan: PlanId) -> Result<(), BackendError>;

    /// Runs a plan once; `scalars` are the live row counts that its tensors name.
    ///
    /// # Errors
    /// Any of [`BackendError`]; after one the contents of the plan's outputs are not defined.
    fn run(&mut self, plan: PlanId, scalars: &[u32]) -> Result<(), BackendError>;

    /// Asks for `bytes` bytes of `buffer` from byte `offset` on, as they are after all commands given so far.
    ///
    /// # Errors
    /// [`BackendError::Unknown`], [`BackendError::OutOfBounds`], [`BackendError::DeviceLost`].
    fn read(&mut self, buffer: BufferId, offset: usize, bytes: usize) -> Result<ReadId, BackendError>;

    /// Hands over what was asked for, once, when it is there; `out` has exactly the bytes asked for.
    fn poll_read(&mut self, read: ReadId, context: &mut Context<'_>, out: &mut [u8]) -> Poll<Result<(), BackendError>>;

    /// Bytes allocated now.
    fn memory(&self) -> MemoryUse;
}

/// Reads as a future: it ends when the device has answered.
///
/// # Errors
/// As [`Backend::read`].
pub async fn polled_read(
    backend: &mut dyn Backend,
    buffer: BufferId,
    offset: usize,
    out: &mut [u8],
) -> Result<(), BackendError> {
    let read = backend.read(buffer, offset, out.len())?;
    std::future::poll_fn(|context| backend.poll_read(read, context, out)).await
}

/// Reads and waits, by polling without rest: for CPUs, tests and native devices, never for a browser's page.
///
/// # Errors
/// As [`Backend::read`].
pub fn blocking_read(
    backend: &mut dyn Backend,
    buffer: BufferId,
    offset: usize,
    out: &mut [u8],
) -> Result<(), BackendError> {
    spin(polled_read(backend, buffer, offset, out))
}

/// Polls a future without rest.
pub(crate) fn spin<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::hint::spin_loop();
    }
}
