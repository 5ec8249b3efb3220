//! One model and its requests, polled between messages.

mod desk;
mod download;
mod load;
mod place;
mod turn;

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use frugal_wire::{FromModel, JobId, ToModel};
use futures::channel::mpsc::{UnboundedSender, unbounded};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::scope::post;
use desk::Desk;

/// A job that could not be carried out: what went wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

impl Problem {
    pub(crate) fn new(message: impl ToString, hint: &'static str) -> Self {
        Self { message: message.to_string(), hint }
    }
}

/// Jobs that the page wants stopped; heard while a load is under way.
pub(crate) type Stopped = Rc<RefCell<HashSet<JobId>>>;

/// The worker.
pub(crate) struct ModelWorker {
    inbox: UnboundedSender<ToModel>,
    stopped: Stopped,
}

impl ModelWorker {
    pub(crate) fn new() -> Self {
        let (inbox, messages) = unbounded();
        let stopped = Stopped::default();
        spawn_local(Desk::new(Rc::clone(&stopped)).work(messages));
        Self { inbox, stopped }
    }

    pub(crate) fn receive(&self, message: JsValue) {
        match frugal_wire::decode(message) {
            Ok(message) => {
                if let ToModel::Cancel { id } = message {
                    self.stopped.borrow_mut().insert(id);
                }
                // The receiver lives as long as the worker.
                let _ = self.inbox.unbounded_send(message);
            }
            Err(error) => {
                let hint = "Reload the page.".to_owned();
                post(&FromModel::Failed { id: None, message: error.to_string(), hint });
            }
        }
    }
}
