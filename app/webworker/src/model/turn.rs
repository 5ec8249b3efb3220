//! Letting messages in: a worker that computes hears nothing until it returns to its event loop.

use std::cell::Cell;

use futures::channel::oneshot;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageChannel;

use crate::scope::Timer;

/// How long to compute without listening.
const DEAF_MS: f64 = 8.0;

/// Gives the event loop a turn, not more often than needed. A message to itself comes at once, where timers would wait.
pub(crate) struct Turns {
    channel: MessageChannel,
    last_ms: Cell<f64>,
}

impl Turns {
    /// `None` where the browser refuses a channel.
    pub(crate) fn new() -> Option<Self> {
        Some(Self { channel: MessageChannel::new().ok()?, last_ms: Cell::new(crate::scope::now_ms()) })
    }

    /// A turn, if the last one was a while ago.
    pub(crate) async fn take(&self) {
        if crate::scope::now_ms() - self.last_ms.get() < DEAF_MS {
            return;
        }
        let (done, waited) = oneshot::channel::<()>();
        let heard = Closure::once(move || {
            let _ = done.send(());
        });
        self.channel.port1().set_onmessage(Some(heard.as_ref().unchecked_ref()));
        if self.channel.port2().post_message(&JsValue::NULL).is_ok() {
            let _ = waited.await;
        }
        self.last_ms.set(crate::scope::now_ms());
    }
}

/// Waits.
pub(crate) async fn sleep(ms: u64) {
    let (done, waited) = oneshot::channel::<()>();
    let mut done = Some(done);
    let timer = Timer::after(ms, move || {
        if let Some(done) = done.take() {
            let _ = done.send(());
        }
    });
    if timer.is_some() {
        let _ = waited.await;
    }
}
