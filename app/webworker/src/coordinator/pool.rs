//! The runners of a tab, lent out in the order they are asked for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Deref;
use std::rc::Rc;

use futures::channel::oneshot;

use super::slot::{Failure, Slot};

/// All runners.
#[derive(Clone)]
pub(crate) struct Pool(Rc<RefCell<State>>);

struct State {
    module_url: String,
    runners_max: u32,
    started: u32,
    idle: Vec<Slot>,
    waiting: VecDeque<oneshot::Sender<Lease>>,
}

/// A runner for one borrower. Dropping it ends whatever it still does and hands it on.
pub(crate) struct Lease {
    slot: Option<Slot>,
    pool: Pool,
}

impl Pool {
    /// A pool of at most `runners_max` runners; the first starts now, the others when needed.
    pub(crate) fn new(module_url: String, runners_max: u32) -> Result<Self, Failure> {
        let first = Slot::start(&module_url)?;
        let state = State { module_url, runners_max, started: 1, idle: vec![first], waiting: VecDeque::new() };
        Ok(Self(Rc::new(RefCell::new(state))))
    }

    /// Waits for a runner.
    pub(crate) async fn lease(&self) -> Result<Lease, Failure> {
        let waiting = {
            let mut state = self.0.borrow_mut();
            // The last one handed back comes first: it has the guests.
            if let Some(slot) = state.idle.pop() {
                return Ok(self.lend(slot));
            }
            if state.started < state.runners_max {
                let slot = Slot::start(&state.module_url)?;
                state.started += 1;
                return Ok(self.lend(slot));
            }
            let (sender, receiver) = oneshot::channel();
            state.waiting.push_back(sender);
            receiver
        };
        let gone = |_| Failure { message: "the runners are gone".to_owned(), hint: "Reload the page.".to_owned() };
        waiting.await.map_err(gone)
    }

    fn lend(&self, slot: Slot) -> Lease {
        Lease { slot: Some(slot), pool: self.clone() }
    }
}

impl Deref for Lease {
    type Target = Slot;

    #[allow(clippy::expect_used)] // only `drop` takes the slot out
    fn deref(&self) -> &Slot {
        self.slot.as_ref().expect("a lease has its slot until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take() else { return };
        slot.settle();
        let mut state = self.pool.0.borrow_mut();
        while let Some(next) = state.waiting.pop_front() {
            match next.send(self.pool.lend(slot)) {
                Ok(()) => return,
                // That borrower was cancelled while it waited.
                Err(mut returned) => match returned.slot.take() {
                    Some(unwanted) => slot = unwanted,
                    None => return,
                },
            }
        }
        state.idle.push(slot);
    }
}
