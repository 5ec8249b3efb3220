//! The backend.

use std::task::{Context, Poll};

use frugal_tensor::{Backend, BackendError, BufferId, Memory, MemoryUse, Op, Plan, PlanError, PlanId, ReadId};

use crate::calls::{Call, Kernels, Recorder};
use crate::health::Health;
use crate::kernels::{Patch, Pipelines};
use crate::memory::{Arena, index};
use crate::open::Adapter;
use crate::ops;
use crate::prepared::{Common, Prepared};
use crate::reads::{FAULT_BYTES, Reads};

/// A device as a backend.
///
/// What a device finds wrong surfaces late: an index out of range at the next [`poll_read`](Backend::poll_read), memory
/// that ran out and a lost device at the next command. Natively `poll_read` waits a millisecond at most and wakes its
/// task at once, since nothing else would; in a browser the device wakes it.
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    health: Health,
    adapter: Adapter,
    kernels: Kernels,
    most_groups: u32,
    /// Whether plans that train are taken.
    pub(crate) trains: bool,
    pipelines: Pipelines,
    arena: Arena,
    plans: Vec<Option<Prepared>>,
    reads: Reads,
    common: Common,
    dispatched: u64,
    /// Runs that are not handed to the device yet: a read that follows goes with them.
    encoder: Option<wgpu::CommandEncoder>,
}

impl Gpu {
    pub(crate) fn new(
        device: wgpu::Device,
        queue: wgpu::Queue,
        health: Health,
        adapter: Adapter,
        kernels: Kernels,
        most_groups: u32,
        patch: Option<Patch>,
    ) -> Self {
        let buffer = |label| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: FAULT_BYTES,
                usage: storage_usage(),
                mapped_at_creation: false,
            })
        };
        let common = Common { faults: buffer("faults"), nothing: buffer("nothing") };
        Self {
            device,
            queue,
            health,
            adapter,
            kernels,
            most_groups,
            trains: false,
            pipelines: Pipelines::patched(patch),
            arena: Arena::default(),
            plans: Vec::new(),
            reads: Reads::default(),
            common,
            dispatched: 0,
            encoder: None,
        }
    }

    /// What computes.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// Which kernels are used.
    pub fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// Dispatches that were recorded so far, in all runs together.
    pub fn dispatched(&self) -> u64 {
        self.dispatched
    }

    /// What loses the device when it is called, as a driver's reset would: every command fails from then on.
    pub fn loser(&self) -> impl Fn() + 'static {
        let (health, device) = (self.health.clone(), self.device.clone());
        move || {
            health.lose("it was given up".to_owned());
            device.destroy();
        }
    }

    /// As on an adapter of smaller bindings.
    #[cfg(test)]
    pub(crate) fn with_bindings_of(mut self, bytes: usize) -> Self {
        self.adapter.binding_bytes = bytes;
        self
    }

    /// What a plan becomes on this adapter.
    pub(crate) fn calls(&self, plan: &Plan) -> Result<Vec<Call>, BackendError> {
        let (kernels, binding_bytes) = (self.kernels, self.adapter.binding_bytes);
        let mut recorder = Recorder { plan, kernels, binding_bytes, calls: Vec::new() };
        ops::record_all(plan.ops(), &mut recorder)?;
        Ok(recorder.calls)
    }

    /// Kernels of training were compared with the reference only where training was asked for.
    fn takes(&self, plan: &Plan) -> Result<(), BackendError> {
        let refused = |op: &Op| matches!(op, Op::Train(_)) && !self.trains;
        match plan.ops().iter().position(refused) {
            Some(at) => {
                let what = "the device was opened without `training`".to_owned();
                Err(PlanError { at, op: plan.ops()[at].name(), what }.into())
            }
            None => Ok(()),
        }
    }

    /// Hands over what was recorded.
    fn flush(&mut self) {
        if let Some(encoder) = self.encoder.take() {
            self.queue.submit([encoder.finish()]);
        }
    }

    fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        let device = &self.device;
        self.encoder.get_or_insert_with(|| device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default()))
    }
}

fn storage_usage() -> wgpu::BufferUsages {
    wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST
}

impl Backend for Gpu {
    fn describe(&self) -> String {
        let software = if self.adapter.software { ", software" } else { "" };
        format!("GPU, {}{software}", self.adapter.name)
    }

    fn allocate(&mut self, bytes: usize, kind: Memory) -> Result<BufferId, BackendError> {
        self.health.check()?;
        let too_large = BackendError::OutOfMemory { needed_bytes: bytes };
        let padded = bytes.max(1).checked_next_multiple_of(16).filter(|padded| *padded <= self.adapter.buffer_bytes);
        let size = padded.ok_or(too_large)? as u64;
        self.health.asks(bytes);
        let descriptor =
            wgpu::BufferDescriptor { label: None, size, usage: storage_usage(), mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        // Natively the device says at once that it has no memory, in a browser with a later command.
        self.health.check()?;
        Ok(self.arena.insert(buffer, bytes, kind))
    }

    fn free(&mut self, buffer: BufferId) -> Result<(), BackendError> {
        let held = self.arena.remove(buffer)?;
        self.flush();
        held.buffer.destroy();
        Ok(())
    }

    fn write(&mut self, buffer: BufferId, offset: usize, bytes: &[u8]) -> Result<(), BackendError> {
        self.health.check()?;
        self.arena.range(buffer, offset, bytes.len())?;
        self.flush();
        let held = self.arena.get(buffer)?;
        self.queue.write_buffer(&held.buffer, offset as u64, bytes);
        Ok(())
    }

    fn prepare(&mut self, plan: &Plan) -> Result<PlanId, BackendError> {
        self.health.check()?;
        plan.check()?;
        self.takes(plan)?;
        for tensor in plan.tensors() {
            self.arena.check(tensor)?;
        }
        let calls = self.calls(plan)?;
        let (device, pipelines) = (&self.device, &mut self.pipelines);
        let prepared = Prepared::new(plan, &calls, &self.arena, &self.common, device, pipelines)?;
        self.health.check()?;
        let free = self.plans.iter().position(Option::is_none).unwrap_or(self.plans.len());
        if free == self.plans.len() {
            self.plans.push(None);
        }
        self.plans[free] = Some(prepared);
        Ok(PlanId(index(free)))
    }

    fn release(&mut self, plan: PlanId) -> Result<(), BackendError> {
        self.flush();
        let slot = self.plans.get_mut(plan.0 as usize);
        slot.and_then(Option::take).map(drop).ok_or(BackendError::Unknown { what: "plan", id: plan.0 })
    }

    fn run(&mut self, plan: PlanId, scalars: &[u32]) -> Result<(), BackendError> {
        self.health.check()?;
        let unknown = BackendError::Unknown { what: "plan", id: plan.0 };
        let place = self.plans.get_mut(plan.0 as usize).ok_or_else(|| unknown.clone())?;
        let mut prepared = place.take().ok_or(unknown)?;
        let result = prepared.check(scalars, &self.arena);
        if result.is_ok() {
            if prepared.changes(scalars) {
                self.flush();
                prepared.write_scalars(&self.queue, scalars);
            }
            let most_groups = self.most_groups;
            self.dispatched += prepared.encode(self.encoder(), scalars, most_groups);
        }
        self.plans[plan.0 as usize] = Some(prepared);
        result
    }

    fn read(&mut self, buffer: BufferId, offset: usize, bytes: usize) -> Result<ReadId, BackendError> {
        self.health.check()?;
        let source = self.arena.range(buffer, offset, bytes)?.buffer.clone();
        // Copies start and end at words.
        let skip = offset % 4;
        let copied = (skip + bytes).next_multiple_of(4) as u64;
        let total = FAULT_BYTES + copied;
        let read = self.reads.open(&self.device, total, bytes, skip);
        let staging = self.reads.staging(read).clone();
        let faults = self.common.faults.clone();
        let encoder = self.encoder();
        encoder.copy_buffer_to_buffer(&faults, 0, &staging, 0, FAULT_BYTES);
        if copied > 0 {
            encoder.copy_buffer_to_buffer(&source, (offset - skip) as u64, &staging, FAULT_BYTES, copied);
        }
        let finished = self.encoder.take().map(wgpu::CommandEncoder::finish);
        let submission = self.queue.submit(finished);
        self.reads.wait_for(read, total, submission);
        Ok(read)
    }

    fn poll_read(&mut self, read: ReadId, context: &mut Context<'_>, out: &mut [u8]) -> Poll<Result<(), BackendError>> {
        let submission = match self.reads.submission(read) {
            Ok(submission) => submission,
            Err(error) => return Poll::Ready(Err(error)),
        };
        if cfg!(not(target_arch = "wasm32")) {
            let timeout = Some(std::time::Duration::from_millis(1));
            // A wait that ends early is no error, and a device that is lost says so below.
            drop(self.device.poll(wgpu::PollType::Wait { submission_index: submission, timeout }));
        }
        if let Err(error) = self.health.check() {
            self.reads.close(read);
            return Poll::Ready(Err(error));
        }
        match self.reads.poll(read, context, out) {
            Poll::Pending => {
                if cfg!(not(target_arch = "wasm32")) {
                    context.waker().wake_by_ref();
                }
                Poll::Pending
            }
            Poll::Ready(Ok(faults)) => Poll::Ready(self.judge(faults)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }

    fn memory(&self) -> MemoryUse {
        self.arena.used()
    }
}

impl Gpu {
    /// The error that kernels noted, which is told once.
    fn judge(&mut self, faults: [u32; 4]) -> Result<(), BackendError> {
        let [count, operator, index, limit] = faults;
        if count == 0 {
            return Ok(());
        }
        self.flush();
        self.queue.write_buffer(&self.common.faults, 0, bytemuck::bytes_of(&[0_u32; 4]));
        let op = ops::CHECKED.get(operator as usize).copied().unwrap_or("operator");
        Err(BackendError::Index { op, index, limit: limit as usize })
    }
}
