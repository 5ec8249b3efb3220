//! The runner's side: one job at a time, blocking.

use frugal_browser::{BrowserRunner, GuestCode};
use frugal_fuel::Runner;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use js_sys::{Array, Function, Promise, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use crate::relay::{FromRunner, GuestRelay, MeasurementRelay, ToRunner, limits_from_wire};
use crate::scope::{engine, now_ms, post, property, text, wait};

const HINT_RELOAD: &str = "Reload the page; if it happens again, report it with this message.";

/// A worker that runs jobs, in the order they come.
pub(crate) struct RunnerWorker {
    inbox: UnboundedSender<JsValue>,
}

impl RunnerWorker {
    pub(crate) fn new(import: Function) -> Self {
        let (inbox, mut messages) = unbounded();
        spawn_local(async move {
            let runner = BrowserRunner::new(engine(), || post(&FromRunner::Started));
            while let Some(message) = messages.next().await {
                if let Err(message) = handle(&runner, &import, message).await {
                    post(&FromRunner::Failed { message, hint: HINT_RELOAD.to_owned() });
                }
            }
        });
        Self { inbox }
    }

    pub(crate) fn receive(&self, message: JsValue) {
        // The receiver lives as long as the worker.
        let _ = self.inbox.unbounded_send(message);
    }
}

async fn handle(runner: &BrowserRunner, import: &Function, message: JsValue) -> Result<(), String> {
    match frugal_wire::decode(message).map_err(|error| error.to_string())? {
        ToRunner::AddGuest { guest, modules, script_url } => {
            runner.add_guest(guest_code(guest, &modules, script_url, import).await?);
        }
        ToRunner::Measure { job, limits } => {
            let job = job.job().ok_or("the job is for a language this version lacks")?;
            let started_ms = now_ms();
            let measurement = runner.run(&job, &limits_from_wire(&limits)).map_err(|error| error.to_string())?;
            let wall_ms = now_ms() - started_ms;
            post(&FromRunner::Measured { measurement: MeasurementRelay::from(measurement), wall_ms });
        }
    }
    Ok(())
}

async fn guest_code(
    guest: GuestRelay,
    modules: &JsValue,
    script_url: Option<String>,
    import: &Function,
) -> Result<GuestCode, String> {
    let guest = guest.guest().ok_or("this version runs no guest of that language")?;
    let modules = Array::from(modules)
        .iter()
        .map(|pair| {
            let pair = Array::from(&pair);
            let module = pair.get(1).dyn_into::<WebAssembly::Module>().ok()?;
            Some((pair.get(0).as_string()?, module))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or("the guest's modules have another shape")?;
    let instantiate = match script_url {
        Some(address) => {
            let imported = import.call1(&JsValue::UNDEFINED, &address.as_str().into()).map_err(|error| text(&error))?;
            let namespace: JsValue = wait(imported.unchecked_into::<Promise>())
                .await
                .map_err(|error| format!("the guest's script {address} cannot be loaded: {}", text(&error)))?;
            let function = property(&namespace, "instantiate").and_then(|value| value.dyn_into::<Function>().ok());
            Some(function.ok_or("the guest's script exports no `instantiate`")?)
        }
        None => None,
    };
    Ok(GuestCode { guest, modules, instantiate })
}
