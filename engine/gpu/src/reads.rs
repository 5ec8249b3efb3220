//! Reads under way: a ring of staging buffers, each used again by later reads of its size or less.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use frugal_tensor::{BackendError, ReadId};

use crate::memory::index;

/// Bytes before the data: the faults as they were.
pub(crate) const FAULT_BYTES: u64 = 16;
const FAULT_WORDS: usize = 4;

#[derive(Default)]
pub(crate) struct Reads {
    slots: Vec<Slot>,
}

struct Slot {
    staging: wgpu::Buffer,
    open: bool,
    mapped: Arc<Mutex<Mapped>>,
    /// Bytes that were asked for, and bytes before them that alignment added.
    bytes: usize,
    skip: usize,
    submission: Option<wgpu::SubmissionIndex>,
}

#[derive(Default)]
enum Mapped {
    #[default]
    Idle,
    Waiting(Option<Waker>),
    Ready,
    Failed(String),
}

fn lock(mapped: &Mutex<Mapped>) -> MutexGuard<'_, Mapped> {
    mapped.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reads {
    /// A staging buffer of at least `total` bytes that nobody waits for.
    pub(crate) fn open(&mut self, device: &wgpu::Device, total: u64, bytes: usize, skip: usize) -> ReadId {
        let fits = |slot: &Slot| !slot.open && slot.staging.size() >= total;
        let at = match self.slots.iter().position(fits).or_else(|| self.slots.iter().position(|slot| !slot.open)) {
            Some(at) => at,
            None => {
                self.slots.push(Slot {
                    staging: staging(device, total),
                    open: false,
                    mapped: Arc::default(),
                    bytes,
                    skip,
                    submission: None,
                });
                self.slots.len() - 1
            }
        };
        let slot = &mut self.slots[at];
        if slot.staging.size() < total {
            slot.staging = staging(device, total);
        }
        (slot.open, slot.bytes, slot.skip) = (true, bytes, skip);
        *lock(&slot.mapped) = Mapped::Idle;
        ReadId(index(at))
    }

    pub(crate) fn staging(&self, read: ReadId) -> &wgpu::Buffer {
        &self.slots[read.0 as usize].staging
    }

    /// Asks for the bytes, which the submission writes.
    pub(crate) fn wait_for(&mut self, read: ReadId, total: u64, submission: wgpu::SubmissionIndex) {
        let slot = &mut self.slots[read.0 as usize];
        slot.submission = Some(submission);
        *lock(&slot.mapped) = Mapped::Waiting(None);
        let mapped = slot.mapped.clone();
        slot.staging.map_async(wgpu::MapMode::Read, 0..total, move |result| {
            let next = result.map_or_else(|error| Mapped::Failed(error.to_string()), |()| Mapped::Ready);
            let before = std::mem::replace(&mut *lock(&mapped), next);
            if let Mapped::Waiting(Some(waker)) = before {
                waker.wake();
            }
        });
    }

    /// The submission that an open read waits for.
    pub(crate) fn submission(&self, read: ReadId) -> Result<Option<wgpu::SubmissionIndex>, BackendError> {
        let slot = self.slots.get(read.0 as usize).filter(|slot| slot.open);
        slot.map(|slot| slot.submission.clone()).ok_or(BackendError::Unknown { what: "read", id: read.0 })
    }

    /// Gives a read up.
    pub(crate) fn close(&mut self, read: ReadId) {
        let slot = &mut self.slots[read.0 as usize];
        slot.open = false;
        slot.staging.unmap();
    }

    /// The bytes once they are there, with the fault words before them; the read is over then.
    pub(crate) fn poll(
        &mut self,
        read: ReadId,
        context: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<Result<[u32; FAULT_WORDS], BackendError>> {
        let slot = &mut self.slots[read.0 as usize];
        match &mut *lock(&slot.mapped) {
            Mapped::Waiting(waker) => {
                *waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            Mapped::Failed(reason) => {
                let reason = reason.clone();
                slot.open = false;
                return Poll::Ready(Err(BackendError::DeviceLost { reason }));
            }
            Mapped::Idle | Mapped::Ready => {}
        }
        slot.open = false;
        Poll::Ready(slot.take(out))
    }
}

impl Slot {
    fn take(&mut self, out: &mut [u8]) -> Result<[u32; FAULT_WORDS], BackendError> {
        let mut faults = [0; FAULT_WORDS];
        let fault_bytes = size_of_val(&faults);
        if out.len() != self.bytes {
            self.staging.unmap();
            return Err(BackendError::OutOfBounds { from: 0, to: out.len(), buffer_bytes: self.bytes });
        }
        let total = (FAULT_BYTES + (self.skip + self.bytes) as u64).next_multiple_of(4);
        let lost = |error: wgpu::MapRangeError| BackendError::DeviceLost { reason: error.to_string() };
        let view = self.staging.get_mapped_range(0..total).map_err(lost)?;
        bytemuck::cast_slice_mut::<u32, u8>(&mut faults).copy_from_slice(&view[..fault_bytes]);
        out.copy_from_slice(&view[fault_bytes + self.skip..][..self.bytes]);
        drop(view);
        self.staging.unmap();
        Ok(faults)
    }
}

fn staging(device: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("staging"),
        size: bytes.next_power_of_two(),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}
