//! The runner of a tab.

use std::cell::RefCell;

use frugal_fuel::{CostTable, Guest, Job, Limits, Measurement, Meter, RunError, Runner, RunnerIdentity};

use crate::{GuestCode, guest, module};

/// Runs jobs on the WebAssembly of the browser it lives in. Blocks: use it in a worker of its own.
///
/// `wall_ms` is not watched here, because a blocked worker cannot: its owner ends it.
pub struct BrowserRunner {
    engine: String,
    guests: RefCell<Vec<GuestCode>>,
    on_start: Box<dyn Fn()>,
}

impl BrowserRunner {
    /// A runner without guests. `engine` names the browser, such as `Chromium 156`. `on_start` is called
    /// in each run when all is compiled and the program itself starts: the owner's wall clock begins there.
    pub fn new(engine: String, on_start: impl Fn() + 'static) -> Self {
        Self { engine, guests: RefCell::default(), on_start: Box::new(on_start) }
    }

    /// Adds a guest.
    pub fn add_guest(&self, code: GuestCode) {
        let mut guests = self.guests.borrow_mut();
        guests.retain(|known| known.guest != code.guest);
        guests.push(code);
    }
}

impl Runner for BrowserRunner {
    fn identity(&self) -> RunnerIdentity {
        RunnerIdentity { engine: self.engine.clone(), meter: Meter::Instrumented, cost_table: CostTable::FUEL_1.name }
    }

    fn guests(&self) -> Vec<Guest> {
        self.guests.borrow().iter().map(|code| code.guest.clone()).collect()
    }

    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError> {
        limits.validate()?;
        let traced = matches!(job, Job::Profile(_));
        match job {
            Job::Module(job) => module::run(job, limits, &self.on_start),
            Job::Guest(job) | Job::Profile(job) => {
                let guests = self.guests.borrow();
                let Some(code) = guests.iter().find(|code| code.guest == job.guest) else {
                    let Guest { language, sha256, .. } = &job.guest;
                    return Err(RunError::UnknownGuest { language: language.to_string(), sha256: sha256.clone() });
                };
                guest::run(code, job, traced, limits, &self.on_start)
            }
        }
    }
}
