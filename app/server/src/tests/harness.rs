//! A server with a runner that only pretends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use frugal_fuel::{
    CostTable, Fuel, Guest, Job, Language, Limits, Measurement, Meter, Outcome, Output, RunError, Runner,
    RunnerIdentity,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::model::Models;
use crate::worker::Evaluate;
use crate::{Cancel, Compute, Config, ModelSource, Server};

/// What a double cannot hold.
pub(super) const LARGE_FUEL: u64 = (1 << 53) + 1;

/// Behaves by the name of the export: `spin` until cancelled, `slow` for a moment, `panic`, `late` past
/// its deadline; any other finishes at once with [`LARGE_FUEL`].
#[derive(Debug, Default)]
pub(super) struct Pretender {
    pub(super) begun: AtomicU32,
    pub(super) cancelled: AtomicU32,
}

impl Runner for Pretender {
    fn identity(&self) -> RunnerIdentity {
        let cost_table = CostTable::FUEL_1.name;
        RunnerIdentity { engine: "pretender 1".to_owned(), meter: Meter::Native, cost_table }
    }

    fn guests(&self) -> Vec<Guest> {
        vec![Guest { language: Language::Python, version: "cpython-0".to_owned(), sha256: "0".repeat(64) }]
    }

    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError> {
        self.run_until(job, limits, &Cancel::default())
    }
}

impl Compute for Pretender {
    fn run_until(&self, job: &Job, _limits: &Limits, cancel: &Cancel) -> Result<Measurement, RunError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let export = match job {
            Job::Module(module) => module.export.as_str(),
            Job::Guest(_) | Job::Profile(_) => "",
        };
        match export {
            "spin" => {
                while !cancel.is_set() {
                    std::thread::sleep(Duration::from_millis(2));
                }
                self.cancelled.fetch_add(1, Ordering::SeqCst);
                return Err(RunError::Cancelled);
            }
            "slow" => std::thread::sleep(Duration::from_millis(400)),
            "panic" => panic!("the runner's own fault"),
            _ => {}
        }
        let outcome = if export == "late" { Outcome::PastDeadline } else { Outcome::Finished };
        let lower_bound = outcome != Outcome::Finished;
        let output = if lower_bound { Output::Nothing } else { Output::Values(Vec::new()) };
        Ok(Measurement { outcome, fuel: Fuel { raw: LARGE_FUEL, baseline: 0, lower_bound }, output })
    }
}

/// A server under test; stops when told.
pub(super) struct Bench {
    pub(super) address: SocketAddr,
    pub(super) runner: Arc<Pretender>,
    pub(super) folder: Arc<TempDir>,
    pub(super) stopping: Cancel,
    serving: JoinHandle<()>,
}

impl Bench {
    pub(super) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(super) async fn start_with(set: impl FnOnce(&mut Config)) -> Self {
        let unused: Arc<Evaluate> = Arc::new(|_, _| Err("not evaluated in this test".into()));
        Self::start_evaluating(Arc::new(TempDir::new().unwrap()), unused, set).await
    }

    pub(super) async fn start_evaluating(
        folder: Arc<TempDir>,
        evaluate: Arc<Evaluate>,
        set: impl FnOnce(&mut Config),
    ) -> Self {
        Self::start_whole(folder, evaluate, Models::default(), set).await
    }

    pub(super) async fn start_with_models(sources: Vec<ModelSource>) -> Self {
        let unused: Arc<Evaluate> = Arc::new(|_, _| Err("not evaluated in this test".into()));
        let models = Models::open(sources).unwrap_or_else(|(name, message)| panic!("{name}: {message}"));
        Self::start_whole(Arc::new(TempDir::new().unwrap()), unused, models, |_| {}).await
    }

    async fn start_whole(
        folder: Arc<TempDir>,
        evaluate: Arc<Evaluate>,
        models: Models,
        set: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::new(folder.path().join("data"));
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.jobs = 2;
        set(&mut config);
        let runner = Arc::new(Pretender::default());
        let server =
            Server::open_with(config, Arc::clone(&runner) as Arc<dyn Compute>, models, evaluate).await.unwrap();
        let (address, stopping) = (server.address(), server.stopping());
        Self { address, runner, folder, stopping, serving: tokio::spawn(server.serve()) }
    }

    pub(super) async fn stop(self) {
        self.stopping.set();
        self.serving.await.unwrap();
    }
}

/// A run of an export of an empty module; the pretender does not mind that it is missing.
pub(super) fn run_of(export: &str) -> String {
    format!(r#"{{"language":"wat","source":"(module)","entry":"{export}"}}"#)
}

/// Waits until something is true.
pub(super) async fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < Duration::from_secs(10), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
