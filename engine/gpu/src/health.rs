//! What went wrong on the device, noted by its callbacks and told by the next command.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frugal_tensor::BackendError;

/// Shared with the device's callbacks, which run at any time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Stays: nothing on the device can be used any more.
    lost: Option<String>,
    /// Told once.
    out_of_memory: bool,
    /// Bytes of the latest allocation.
    asked_bytes: usize,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole after each assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to a device.
    pub(crate) fn watch(&self, device: &wgpu::Device) {
        let health = self.clone();
        device.set_device_lost_callback(move |reason, message| {
            health.lose(format!("{reason:?}: {message}"));
        });
        let health = self.clone();
        device.on_uncaptured_error(Arc::new(move |error| match error {
            wgpu::Error::OutOfMemory { .. } => health.state().out_of_memory = true,
            // A command that the device refuses is a mistake of this crate; what follows from it cannot be trusted.
            error => health.lose(error.to_string()),
        }));
    }

    /// The first reason is the one to tell.
    pub(crate) fn lose(&self, reason: String) {
        self.state().lost.get_or_insert(reason);
    }

    pub(crate) fn asks(&self, bytes: usize) {
        self.state().asked_bytes = bytes;
    }

    pub(crate) fn check(&self) -> Result<(), BackendError> {
        let mut state = self.state();
        if let Some(reason) = &state.lost {
            return Err(BackendError::DeviceLost { reason: reason.clone() });
        }
        if std::mem::take(&mut state.out_of_memory) {
            return Err(BackendError::OutOfMemory { needed_bytes: state.asked_bytes });
        }
        Ok(())
    }
}
