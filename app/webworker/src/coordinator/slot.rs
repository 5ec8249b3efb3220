//! One place for a runner: the worker in it may end, a replacement moves in at once.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use frugal_fuel::{Fuel, Job, Limits, Measurement, Outcome, Output, Rejection};
use frugal_wire::{decode, encode, spawn_worker};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::channel::oneshot;
use futures::future::{Either, select};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker};

use crate::guests::CompiledGuest;
use crate::relay::{FromRunner, GuestRelay, JobRelay, ToRunner, limits_to_wire};
use crate::scope::Timer;

/// Longest time a submitted module may take to be compiled, in milliseconds.
const COMPILE_CAP_MS: u64 = 60_000;

/// A measurement with its wall-clock time in milliseconds.
pub(crate) struct Measured {
    pub(crate) measurement: Measurement,
    pub(crate) wall_ms: f64,
}

/// The machinery failed: nothing is known about the job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Failure {
    /// A fault of this program.
    pub(crate) fn ours(message: String) -> Self {
        Self { message, hint: "This is a fault of Frugal; please report it with this message.".to_owned() }
    }
}

/// A place for a runner.
pub(crate) struct Slot {
    module_url: String,
    live: RefCell<Live>,
    guests: RefCell<Vec<Rc<CompiledGuest>>>,
    busy: Cell<bool>,
}

/// The worker that is in the slot now.
struct Live {
    worker: Worker,
    events: Rc<RefCell<UnboundedReceiver<FromRunner>>>,
    /// Set by an error that no job caught.
    crashed: Rc<Cell<bool>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Slot {
    /// Starts a runner.
    pub(crate) fn start(module_url: &str) -> Result<Self, Failure> {
        Ok(Self {
            module_url: module_url.to_owned(),
            live: RefCell::new(Live::start(module_url)?),
            guests: RefCell::default(),
            busy: Cell::new(false),
        })
    }

    /// Gives the runner a guest, unless it has it.
    pub(crate) fn add_guest(&self, guest: &Rc<CompiledGuest>) -> Result<(), Failure> {
        if self.guests.borrow().iter().any(|known| known.guest == guest.guest) {
            return Ok(());
        }
        self.live.borrow().post(&add_guest(guest))?;
        self.guests.borrow_mut().push(guest.clone());
        Ok(())
    }

    /// Runs one job. Past the wall-clock limit the runner is ended and the outcome says so. Dropping the
    /// future leaves the slot busy: [`Slot::settle`] then ends the runner.
    pub(crate) async fn measure(&self, job: &Job, limits: &Limits) -> Result<Measured, Failure> {
        // What broke a runner between two jobs is not the second one's fault.
        if self.live.borrow().crashed.get() {
            self.busy.set(true);
            self.settle();
        }
        self.busy.set(true);
        let ended = self.listen(job, limits).await;
        self.busy.set(!matches!(ended, Ok(Ended::Measured(_))));
        self.settle();
        Ok(match ended? {
            Ended::Measured(measured) => measured,
            Ended::PastDeadline => unfinished(Outcome::PastDeadline, limits.wall_ms),
            Ended::CompileCap => {
                let reason = Rejection::CompileCap { what: format!("{} seconds", COMPILE_CAP_MS / 1_000) };
                unfinished(Outcome::Rejected { reason }, COMPILE_CAP_MS)
            }
        })
    }

    /// Ends a runner that is still busy and starts another with the same guests.
    pub(crate) fn settle(&self) {
        if !self.busy.replace(false) {
            return;
        }
        self.live.borrow().worker.terminate();
        // A browser that refuses the replacement shows it at the next job, whose message then finds no worker.
        if let Ok(live) = Live::start(&self.module_url) {
            for guest in self.guests.borrow().iter() {
                let _ = live.post(&add_guest(guest));
            }
            self.live.replace(live);
        }
    }

    async fn listen(&self, job: &Job, limits: &Limits) -> Result<Ended, Failure> {
        let events = self.live.borrow().events.clone();
        let order = ToRunner::Measure { job: JobRelay::from(job), limits: limits_to_wire(limits) };
        self.live.borrow().post(&order)?;
        let (mut cap_ms, mut timed_out) = (COMPILE_CAP_MS, Ended::CompileCap);
        loop {
            match next_within(&events, cap_ms).await {
                Some(FromRunner::Started) => (cap_ms, timed_out) = (limits.wall_ms, Ended::PastDeadline),
                Some(FromRunner::Measured { measurement, wall_ms }) => {
                    let measurement = measurement.measurement().ok_or_else(strange)?;
                    return Ok(Ended::Measured(Measured { measurement, wall_ms }));
                }
                Some(FromRunner::Failed { message, hint }) => return Err(Failure { message, hint }),
                None => return Ok(timed_out),
            }
        }
    }
}

/// How a job left its runner. In all but the first the runner may still be busy.
enum Ended {
    Measured(Measured),
    PastDeadline,
    CompileCap,
}

impl Live {
    fn start(module_url: &str) -> Result<Self, Failure> {
        let failure = |message| Failure { message, hint: "Reload the page.".to_owned() };
        let worker =
            spawn_worker(module_url, &wasm_bindgen::module(), "runner").map_err(|error| failure(error.to_string()))?;
        let (sender, receiver) = unbounded();
        let crashes = sender.clone();
        let crashed = Rc::new(Cell::new(false));
        let note = crashed.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            let event = decode(event.data())
                .unwrap_or_else(|error| FromRunner::Failed { message: error.to_string(), hint: String::new() });
            // Nobody listens any more when the runner was ended.
            let _ = sender.unbounded_send(event);
        });
        let on_error = Closure::new(move |event: ErrorEvent| {
            event.prevent_default();
            note.set(true);
            let message = format!("the runner crashed: {}", event.message());
            let hint = "Run again: a fresh runner is ready. If it crashes again, lower the memory limit.".to_owned();
            let _ = crashes.unbounded_send(FromRunner::Failed { message, hint });
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let events = Rc::new(RefCell::new(receiver));
        Ok(Self { worker, events, crashed, _on_message: on_message, _on_error: on_error })
    }

    fn post(&self, message: &ToRunner) -> Result<(), Failure> {
        let posted = encode(message)
            .map_err(|error| error.to_string())
            .and_then(|value| self.worker.post_message(&value).map_err(|error| format!("{error:?}")));
        posted.map_err(|message| Failure { message, hint: "Reload the page.".to_owned() })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn add_guest(guest: &CompiledGuest) -> ToRunner {
    ToRunner::AddGuest {
        guest: GuestRelay::from(&guest.guest),
        modules: JsValue::clone(&guest.modules),
        script_url: guest.script_url.clone(),
    }
}

/// The next event, or `None` after `cap_ms`.
#[allow(clippy::await_holding_refcell_ref)] // one job at a time listens to a runner
async fn next_within(events: &RefCell<UnboundedReceiver<FromRunner>>, cap_ms: u64) -> Option<FromRunner> {
    let (ring, rung) = oneshot::channel::<()>();
    let mut ring = Some(ring);
    let _timer = Timer::after(cap_ms, move || drop(ring.take()));
    let mut events = events.borrow_mut();
    match select(events.next(), rung).await {
        Either::Left((event, _)) => event,
        Either::Right(_) => None,
    }
}

fn strange() -> Failure {
    Failure { message: "the runner replied in another version".to_owned(), hint: "Reload the page.".to_owned() }
}

#[allow(clippy::cast_precision_loss)] // at most a day
fn unfinished(outcome: Outcome, wall_ms: u64) -> Measured {
    let fuel = Fuel { lower_bound: true, ..Fuel::default() };
    Measured { measurement: Measurement { outcome, fuel, output: Output::Nothing }, wall_ms: wall_ms as f64 }
}
