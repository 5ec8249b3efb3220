//! The coordinator's side: never blocks.

mod evaluate;
mod pool;
mod run;
mod shown;
mod slot;
mod stored;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;

use frugal_fuel::{CostTable, Meter, RunnerIdentity};
use frugal_wire::{JobId, Ready, Start, ToPage, ToWorker, WIRE_VERSION};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{AbortHandle, Aborted, LocalBoxFuture, Shared, abortable};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::guests::{GuestError, GuestStore};
use crate::scope::{engine, post};
use pool::Pool;
use slot::Failure;

/// Most runners a page may ask for.
const RUNNERS_MAX: u32 = 8;

/// Everything a set-up coordinator has.
#[derive(Clone)]
struct Context {
    pool: Pool,
    guests: Rc<GuestStore>,
    runners: u32,
}

type Starting = Shared<LocalBoxFuture<'static, Result<Context, Failure>>>;

/// How a job hears Stop.
enum Stop {
    /// It is dropped, and with it the lease of its runner.
    Drop(AbortHandle),
    /// It is asked to end with what it has.
    Ask(Option<oneshot::Sender<()>>),
}

/// The worker a page talks to.
pub(crate) struct Coordinator {
    module_url: String,
    starting: RefCell<Option<Starting>>,
    jobs: Rc<RefCell<BTreeMap<JobId, Stop>>>,
}

impl Coordinator {
    pub(crate) fn new(module_url: String) -> Self {
        Self { module_url, starting: RefCell::default(), jobs: Rc::default() }
    }

    pub(crate) fn receive(&self, message: JsValue) {
        match frugal_wire::decode(message) {
            Ok(ToWorker::Start(start)) => self.start(start),
            Ok(ToWorker::Run(request)) => {
                let id = request.id;
                let (work, handle) = abortable(self.started(move |context| run::run(context, request)));
                self.job(id, Stop::Drop(handle), work);
            }
            Ok(ToWorker::Evaluate(request)) => {
                let id = request.id;
                let (ask, asked) = oneshot::channel();
                let work = self.started(move |context| evaluate::evaluate(context, *request, asked));
                self.job(id, Stop::Ask(Some(ask)), work.map(Ok));
            }
            Ok(ToWorker::Open { id, file }) => match stored::open(id, &file) {
                Ok(message) => post(&message),
                Err(failure) => failed(Some(id), failure),
            },
            Ok(ToWorker::Cancel { id }) => match self.jobs.borrow_mut().get_mut(&id) {
                Some(Stop::Drop(handle)) => handle.abort(),
                // Dropping the sender is the question.
                Some(Stop::Ask(ask)) => drop(ask.take()),
                // It has just ended: its last message is on the way.
                None => {}
            },
            Ok(ToWorker::ForgetGuests) => self.forget_guests(),
            Err(error) => failed(None, Failure { message: error.to_string(), hint: "Reload the page.".to_owned() }),
        }
    }

    fn start(&self, start: Start) {
        let module_url = self.module_url.clone();
        let starting = async move { set_up(module_url, start).await }.boxed_local().shared();
        self.starting.replace(Some(starting.clone()));
        spawn_local(async move {
            if let Err(failure) = starting.await {
                failed(None, failure);
            }
        });
    }

    /// Waits for the set-up, then does `work`.
    fn started<F>(
        &self,
        work: impl FnOnce(Context) -> F + 'static,
    ) -> impl Future<Output = Result<ToPage, Failure>> + 'static
    where
        F: Future<Output = Result<ToPage, Failure>> + 'static,
    {
        let starting = self.starting.borrow().clone();
        async move {
            let message = "the first message to the worker must be `start`".to_owned();
            let unstarted = || Failure { message, hint: "Reload the page.".to_owned() };
            work(starting.ok_or_else(unstarted)?.await?).await
        }
    }

    /// Runs `work` as job `id`, which ends with exactly one message.
    fn job(
        &self,
        id: JobId,
        stop: Stop,
        work: impl Future<Output = Result<Result<ToPage, Failure>, Aborted>> + 'static,
    ) {
        self.jobs.borrow_mut().insert(id, stop);
        let jobs = self.jobs.clone();
        spawn_local(async move {
            let ended = work.await;
            jobs.borrow_mut().remove(&id);
            match ended {
                Ok(Ok(message)) => post(&message),
                Ok(Err(failure)) => failed(Some(id), failure),
                Err(Aborted) => post(&ToPage::Cancelled { id }),
            }
        });
    }

    fn forget_guests(&self) {
        let Some(starting) = self.starting.borrow().clone() else { return };
        spawn_local(async move {
            if let Ok(context) = starting.await {
                context.guests.forget().await;
                post(&ToPage::GuestsForgotten);
            }
        });
    }
}

fn failed(id: Option<JobId>, failure: Failure) {
    let Failure { message, hint } = failure;
    post(&ToPage::Failed { id, message, hint });
}

impl From<GuestError> for Failure {
    fn from(error: GuestError) -> Self {
        Self { message: error.to_string(), hint: error.hint().to_owned() }
    }
}

/// Who counts in this tab.
fn identity() -> RunnerIdentity {
    RunnerIdentity { engine: engine(), meter: Meter::Instrumented, cost_table: CostTable::FUEL_1.name }
}

async fn set_up(module_url: String, start: Start) -> Result<Context, Failure> {
    let mismatch = |message: String| Failure { message, hint: "Reload the page.".to_owned() };
    if start.wire_version != WIRE_VERSION {
        let found = start.wire_version;
        return Err(mismatch(format!("the page speaks version {found} to a worker of version {WIRE_VERSION}")));
    }
    if !(1..=RUNNERS_MAX).contains(&start.runners) {
        return Err(mismatch(format!("{} runners were asked for; ask for 1 to {RUNNERS_MAX}", start.runners)));
    }
    let pool = Pool::new(module_url, start.runners)?;
    let guests = Rc::new(GuestStore::open(&start.base_url).await);
    post(&ToPage::Ready(Ready {
        wire_version: WIRE_VERSION,
        frugal_version: env!("CARGO_PKG_VERSION").to_owned(),
        cost_table: CostTable::FUEL_1.name.to_owned(),
        engine: engine(),
        storage: guests.mode(),
        guests: guests.statuses().await,
        runners: start.runners,
    }));
    Ok(Context { pool, guests, runners: start.runners })
}
