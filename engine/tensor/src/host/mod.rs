//! The backend in host memory: one walk over a plan, two sets of kernels.

mod kernels;
mod memory;
mod run;
mod train;

use std::task::{Context, Poll};

use crate::fast::Fast;
use crate::{Backend, BackendError, BufferId, Memory, MemoryUse, Plan, PlanId, ReadId};

use kernels::Reference;
pub(crate) use kernels::{AttentionInputs, Kernels, NormGradInputs, UpdateInputs};
use memory::Arena;

/// A CPU as a backend. Runs finish before they return, and reads are ready at once.
pub struct Cpu {
    kernels: Box<dyn Kernels>,
    arena: Arena,
    plans: Vec<Option<Plan>>,
    reads: Vec<Pending>,
}

/// A read; its memory is used again by later ones.
#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    open: bool,
}

impl Cpu {
    /// Kernels that are the operators' meaning: slow, sums in f64.
    pub fn reference() -> Self {
        Self::with(Box::new(Reference))
    }

    /// Kernels for use: f32 sums in a fixed order, vector instructions where the machine has them. With the feature
    /// `threads` large products are spread over the threads of the current rayon pool, without changing a result.
    pub fn fast() -> Self {
        Self::with(Box::new(Fast::new(false)))
    }

    /// The same for training: products of many rows are computed by blocks, so that a row's sums may differ in their
    /// last bits by how many rows stand beside it. The same plan gives the same bits again.
    pub fn training() -> Self {
        Self::with(Box::new(Fast::new(true)))
    }

    fn with(kernels: Box<dyn Kernels>) -> Self {
        Self { kernels, arena: Arena::default(), plans: Vec::new(), reads: Vec::new() }
    }
}

impl Backend for Cpu {
    fn describe(&self) -> String {
        format!("CPU, {}", self.kernels.describe())
    }

    fn allocate(&mut self, bytes: usize, kind: Memory) -> Result<BufferId, BackendError> {
        self.arena.allocate(bytes, kind)
    }

    fn free(&mut self, buffer: BufferId) -> Result<(), BackendError> {
        self.arena.free(buffer)
    }

    fn write(&mut self, buffer: BufferId, offset: usize, bytes: &[u8]) -> Result<(), BackendError> {
        self.arena.bytes_mut(buffer, offset, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    fn prepare(&mut self, plan: &Plan) -> Result<PlanId, BackendError> {
        plan.check()?;
        for tensor in plan.tensors() {
            self.arena.check(tensor)?;
        }
        let free = self.plans.iter().position(Option::is_none).unwrap_or(self.plans.len());
        if free == self.plans.len() {
            self.plans.push(None);
        }
        self.plans[free] = Some(plan.clone());
        Ok(PlanId(index(free)))
    }

    fn release(&mut self, plan: PlanId) -> Result<(), BackendError> {
        let slot = self.plans.get_mut(plan.0 as usize);
        slot.and_then(Option::take).map(drop).ok_or(BackendError::Unknown { what: "plan", id: plan.0 })
    }

    fn run(&mut self, plan: PlanId, scalars: &[u32]) -> Result<(), BackendError> {
        let unknown = BackendError::Unknown { what: "plan", id: plan.0 };
        let plan = self.plans.get(plan.0 as usize).and_then(Option::as_ref).ok_or(unknown)?;
        run::run(plan, scalars, &mut self.arena, self.kernels.as_mut())
    }

    fn read(&mut self, buffer: BufferId, offset: usize, bytes: usize) -> Result<ReadId, BackendError> {
        let source = self.arena.bytes(buffer, offset, bytes)?;
        let at = self.reads.iter().position(|read| !read.open).unwrap_or(self.reads.len());
        if at == self.reads.len() {
            self.reads.push(Pending::default());
        }
        let read = &mut self.reads[at];
        read.open = true;
        read.bytes.clear();
        read.bytes.extend_from_slice(source);
        Ok(ReadId(index(at)))
    }

    fn poll_read(&mut self, read: ReadId, _: &mut Context<'_>, out: &mut [u8]) -> Poll<Result<(), BackendError>> {
        let Some(pending) = self.reads.get_mut(read.0 as usize).filter(|pending| pending.open) else {
            return Poll::Ready(Err(BackendError::Unknown { what: "read", id: read.0 }));
        };
        pending.open = false;
        if out.len() != pending.bytes.len() {
            let (to, buffer_bytes) = (out.len(), pending.bytes.len());
            return Poll::Ready(Err(BackendError::OutOfBounds { from: 0, to, buffer_bytes }));
        }
        out.copy_from_slice(&pending.bytes);
        Poll::Ready(Ok(()))
    }

    fn memory(&self) -> MemoryUse {
        self.arena.used()
    }
}

/// Ids count things that each take memory: 2^32 of them do not fit.
fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 things")
}

#[cfg(test)]
mod tests;
