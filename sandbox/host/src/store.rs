//! What one measurement owns: its store, its memory limit, its deadline.

use std::time::{Duration, Instant};

use frugal_fuel::{Limits, Marks};
use frugal_instrument::TABLE_ELEMENTS_MAX;
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};

use crate::CancelToken;
use crate::stop::Interrupt;

/// Instances, memories and tables that one component guest may have (CPython's has 38 core modules).
const ITEMS_MAX: usize = 256;

/// The data of a store.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Fuel marks seen; unused by modules.
    pub(crate) marks: Marks,
    /// When the last two fuel marks were passed.
    pub(crate) passed: [Option<Instant>; 2],
    /// The memory limit.
    pub(crate) memory: MemoryGuard,
}

/// Bounds all memories of a store together, and remembers refusals.
#[derive(Debug)]
pub(crate) struct MemoryGuard {
    limit_bytes: usize,
    used_bytes: usize,
    granted_bytes: usize,
    /// True once a growth was refused; stays true.
    pub(crate) denied: bool,
    /// What the last refused growth would have needed in all, in bytes.
    pub(crate) needed_bytes: u64,
}

impl ResourceLimiter for MemoryGuard {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let total = self.used_bytes.saturating_add(more);
        let fits = total <= self.limit_bytes && maximum.is_none_or(|maximum| desired <= maximum);
        if fits {
            self.used_bytes = total;
            self.granted_bytes = more;
        } else {
            self.denied = true;
            self.needed_bytes = total as u64;
        }
        Ok(fits)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.denied = true;
        self.used_bytes = self.used_bytes.saturating_sub(std::mem::take(&mut self.granted_bytes));
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let limit = usize::try_from(TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX);
        Ok(desired <= limit && maximum.is_none_or(|maximum| desired <= maximum))
    }

    fn instances(&self) -> usize {
        ITEMS_MAX
    }

    fn tables(&self) -> usize {
        ITEMS_MAX
    }

    fn memories(&self) -> usize {
        ITEMS_MAX
    }
}

/// A store whose clock runs from now: `limits.wall_ms` for the whole job.
pub(crate) fn new_store(engine: &Engine, limits: &Limits, cancel: &CancelToken) -> Store<Ground> {
    let memory = MemoryGuard {
        // Validated limits lie below 4 GiB.
        limit_bytes: usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX),
        used_bytes: 0,
        granted_bytes: 0,
        denied: false,
        needed_bytes: 0,
    };
    let mut store = Store::new(engine, Ground { marks: Marks::default(), passed: [None; 2], memory });
    store.limiter(|ground| &mut ground.memory);
    let deadline = Instant::now() + Duration::from_millis(limits.wall_ms);
    let cancel = cancel.clone();
    store.epoch_deadline_callback(move |_| {
        if cancel.is_cancelled() {
            Err(Interrupt::Cancelled.into())
        } else if Instant::now() >= deadline {
            Err(Interrupt::PastDeadline.into())
        } else {
            Ok(UpdateDeadline::Continue(1))
        }
    });
    store.set_epoch_deadline(1);
    store
}
