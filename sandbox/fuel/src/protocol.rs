//! How a guest is measured: the one order of phases, budgets and marks that every runner follows.
//!
//! The history of an instance is part of its measurement, so this is code, not a convention: both
//! runners implement [`GuestInstance`] and call [`measure_guest`].

use crate::profile::{Profile, Tracer};
use crate::{Fuel, GuestJob, Limits, Measurement, Outcome, Output, Phase, Rejection, RunError, TrapKind};
use crate::{PREPARE_FUEL_PER_BYTE, RESULT_FUEL_PER_BYTE, transfer_allowance_fuel};

/// Fuel for what a guest does before its first mark, and again between its second mark and returning, in
/// units. The shipped guests need at most 9,100 and 5,000.
pub const SETTLE_FUEL: u64 = 25_000;
/// Most fuel `empty` may spend between its marks, in units; the shipped guests spend at most 4,400, and
/// 3,100 the second time. Code under test that made `empty` dearer would lower its own net figure by what
/// lies between; beyond this cap the job ends.
pub const EMPTY_FUEL_MAX: u64 = 6_000;
/// Bytes a `result` reply may be larger than the output limit, for its JSON framing.
pub const REPLY_FRAMING_BYTES: u64 = 4_096;

const STATUS_OK: u8 = 0;
const STATUS_ERROR: u8 = 1;
const STATUS_OUT_OF_MEMORY: u8 = 2;
const STATUS_OUTPUT_TOO_LARGE: u8 = 3;

/// One call into a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// Compile the source; `output_bytes` caps everything the guest will hand back.
    Define {
        /// JSON request.
        request: &'a [u8],
        /// Cap in bytes.
        output_bytes: u32,
    },
    /// Decode the input.
    Prepare {
        /// JSON request.
        request: &'a [u8],
    },
    /// Two marks around nothing.
    Empty,
    /// Two marks around the measured call.
    Call,
    /// Encode what the call returned.
    Result,
}

/// Why an entry did not return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The budget ran out.
    OutOfFuel,
    /// Memory was denied and then the guest trapped.
    OutOfMemory,
    /// Calls nested too deeply.
    OutOfDepth,
    /// The wall clock passed the deadline.
    PastDeadline,
    /// Any other trap.
    Trapped(TrapKind),
    /// The machinery failed.
    Failed(RunError),
}

/// A fresh instance of a guest inside some engine.
pub trait GuestInstance {
    /// Makes exactly `units` of fuel available from here on: the engine stops when they are used up.
    fn set_budget(&mut self, units: u64);
    /// Units left of the last budget, 0 when used up.
    fn remaining(&mut self) -> u64;
    /// The marks this instance has seen; its `mark` import calls [`Marks::on_mark`].
    fn marks(&mut self) -> &mut Marks;
    /// Calls one export. `Empty` and `Call` return no bytes.
    ///
    /// # Errors
    /// [`Stop`] when it did not return.
    fn enter(&mut self, entry: Entry<'_>) -> Result<Vec<u8>, Stop>;
}

/// Counts the `mark` calls of one instance and measures between them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Marks {
    budget: Option<u64>,
    count: u32,
    spent: Option<u64>,
    tracer: Option<Box<Tracer>>,
}

impl Marks {
    /// Expects two marks from the next entry; the first makes `budget` units available.
    fn expect(&mut self, budget: u64) {
        *self = Self { budget: Some(budget), ..Self::default() };
    }

    /// Expects the marks of a woven program; the first makes `budget` units available for all of it.
    fn expect_trace(&mut self, budget: u64) {
        *self = Self { budget: Some(budget), tracer: Some(Box::new(Tracer::new())), ..Self::default() };
    }

    /// Expects no mark.
    fn forbid(&mut self) {
        *self = Self::default();
    }

    /// To be called by a runner's `mark` import with the fuel left. Returns the budget to set now,
    /// or `None` when the mark is not expected, on which the runner must end the entry with a trap.
    pub fn on_mark(&mut self, remaining: u64) -> Option<u64> {
        self.count = self.count.saturating_add(1);
        let budget = self.budget?;
        if self.count > 1
            && let Some(tracer) = &mut self.tracer
        {
            let spent = budget - remaining.min(budget);
            self.spent = tracer.on_mark(spent).ok().map(|()| spent);
            return self.spent.map(|_| remaining);
        }
        match self.count {
            1 => Some(budget),
            2 => {
                self.spent = Some(budget - remaining.min(budget));
                Some(SETTLE_FUEL)
            }
            _ => None,
        }
    }

    /// True while the measured code runs.
    fn between(&self) -> bool {
        self.count == 1 || self.tracer.is_some() && self.count > 0
    }

    fn forged(&self) -> bool {
        if self.tracer.is_some() {
            return self.count > 1 && self.spent.is_none();
        }
        self.count > if self.budget.is_some() { 2 } else { 0 }
    }

    /// The profile of a woven program that marked to its end.
    fn take_profile(&mut self) -> Option<Profile> {
        self.tracer.take().filter(|tracer| tracer.may_end()).map(|tracer| tracer.profile())
    }
}

/// Measures one guest job in a fresh instance.
///
/// The order is `define`, `prepare`, `empty`, `empty`, `call`, `result`. The second `empty` is the
/// baseline: what the marks cost with no call between them, so that net fuel is the call and is never
/// negative, however cheap the callable. A finished call below it was tampered with and is rejected.
///
/// The budget of `call` becomes `limits.fuel + baseline + 1` at its first mark, so that a call whose net
/// fuel is exactly `limits.fuel` finishes and one unit more does not.
///
/// # Errors
/// [`RunError`] when the machinery failed.
pub fn measure_guest(
    instance: &mut impl GuestInstance,
    job: &GuestJob,
    limits: &Limits,
) -> Result<Measurement, RunError> {
    measure(instance, job, limits, false)
}

/// Runs one woven guest job in a fresh instance, by the same order of phases, and attributes its fuel.
///
/// `limits.fuel` bounds the woven run, whose marks cost many times what the program does. Its count is not the
/// program's: that is [`measure_guest`]'s of the program as it was written.
///
/// # Errors
/// [`RunError`] when the machinery failed.
pub fn profile_guest(
    instance: &mut impl GuestInstance,
    job: &GuestJob,
    limits: &Limits,
) -> Result<Measurement, RunError> {
    measure(instance, job, limits, true)
}

fn measure(
    instance: &mut impl GuestInstance,
    job: &GuestJob,
    limits: &Limits,
    traced: bool,
) -> Result<Measurement, RunError> {
    let mut fuel = Fuel { raw: 0, baseline: 0, lower_bound: true };
    match run_phases(instance, job, limits, traced, &mut fuel) {
        Ok(output) => {
            fuel.lower_bound = false;
            Ok(Measurement { outcome: Outcome::Finished, fuel, output })
        }
        Err(End::Outcome(outcome)) => Ok(Measurement { outcome, fuel, output: Output::Nothing }),
        Err(End::Failed(error)) => Err(error),
    }
}

enum End {
    Outcome(Outcome),
    Failed(RunError),
}

fn run_phases(
    instance: &mut impl GuestInstance,
    job: &GuestJob,
    limits: &Limits,
    traced: bool,
    fuel: &mut Fuel,
) -> Result<Output, End> {
    let output_bytes = u32::try_from(limits.output_bytes).unwrap_or(u32::MAX);
    let define = Entry::Define { request: &job.define, output_bytes };
    unmarked(instance, define, limits.setup_fuel, Phase::Define)?;
    let prepare = Entry::Prepare { request: &job.prepare };
    let allowance = transfer_allowance_fuel(job.prepare.len() as u64, PREPARE_FUEL_PER_BYTE);
    unmarked(instance, prepare, allowance, Phase::Prepare)?;
    marked(instance, Entry::Empty, EMPTY_FUEL_MAX, Marks::expect)?;
    fuel.baseline = marked(instance, Entry::Empty, EMPTY_FUEL_MAX, Marks::expect)?;
    fuel.raw = fuel.baseline;
    let profile = call(instance, limits, traced, fuel)?;
    let allowance = transfer_allowance_fuel(limits.output_bytes, RESULT_FUEL_PER_BYTE);
    let reply = unmarked(instance, Entry::Result, allowance, Phase::Result)?;
    if reply.len() as u64 > limits.output_bytes.saturating_add(REPLY_FRAMING_BYTES) {
        return Err(End::Outcome(Outcome::OutputTooLarge));
    }
    let spent = allowance - instance.remaining().min(allowance);
    if spent > transfer_allowance_fuel(reply.len() as u64, RESULT_FUEL_PER_BYTE) {
        return Err(End::Outcome(Outcome::OutOfFuel { phase: Phase::Result }));
    }
    Ok(match profile {
        Some(profile) => Output::Profile { reply, profile },
        None => Output::Guest(reply),
    })
}

/// The measured call. Its profile, where it is traced.
fn call(
    instance: &mut impl GuestInstance,
    limits: &Limits,
    traced: bool,
    fuel: &mut Fuel,
) -> Result<Option<Profile>, End> {
    let budget = limits.fuel.saturating_add(fuel.baseline).min(Limits::FUEL_MAX) + 1;
    let expected = if traced { Marks::expect_trace } else { Marks::expect };
    match marked(instance, Entry::Call, budget, expected) {
        Ok(spent) if spent >= budget => {
            fuel.raw = spent;
            return Err(End::Outcome(Outcome::OutOfFuel { phase: Phase::Call }));
        }
        Ok(spent) if spent < fuel.baseline => {
            let reason = Rejection::BelowBaseline { raw: spent, baseline: fuel.baseline };
            return Err(End::Outcome(Outcome::Rejected { reason }));
        }
        Ok(spent) => fuel.raw = spent,
        Err(end) => {
            if instance.marks().between() {
                fuel.raw = budget - instance.remaining().min(budget);
            } else if let Some(spent) = instance.marks().spent {
                fuel.raw = spent;
            }
            return Err(end);
        }
    }
    if !traced {
        return Ok(None);
    }
    let profile = instance.marks().take_profile();
    profile.map(Some).ok_or(End::Outcome(Outcome::Rejected { reason: Rejection::Profile }))
}

/// Runs a phase that must not mark, and returns its reply without the status byte.
fn unmarked(instance: &mut impl GuestInstance, entry: Entry<'_>, budget: u64, phase: Phase) -> Result<Vec<u8>, End> {
    instance.marks().forbid();
    instance.set_budget(budget);
    let entered = instance.enter(entry);
    if instance.marks().forged() {
        return Err(rejected_marks(instance));
    }
    let mut reply = entered.map_err(|stop| stopped(stop, phase))?;
    // Engines look for the end of the fuel here and there only, so a run may return without any.
    if instance.remaining() == 0 {
        return Err(End::Outcome(Outcome::OutOfFuel { phase }));
    }
    if reply.is_empty() {
        return Err(failed(format!("the guest's `{}` replied with no status", phase.name())));
    }
    let body = reply.split_off(1);
    match reply[0] {
        STATUS_OK => Ok(body),
        STATUS_ERROR => Err(End::Outcome(guest_error(body, phase))),
        STATUS_OUT_OF_MEMORY => Err(End::Outcome(Outcome::OutOfMemory)),
        STATUS_OUTPUT_TOO_LARGE => Err(End::Outcome(Outcome::OutputTooLarge)),
        status => Err(failed(format!("the guest's `{}` replied with unknown status {status}", phase.name()))),
    }
}

/// Runs a phase that must mark twice, and returns the fuel spent between the marks.
fn marked(
    instance: &mut impl GuestInstance,
    entry: Entry<'_>,
    budget: u64,
    expect: fn(&mut Marks, u64),
) -> Result<u64, End> {
    expect(instance.marks(), budget);
    instance.set_budget(SETTLE_FUEL);
    let entered = instance.enter(entry);
    if instance.marks().forged() {
        return Err(rejected_marks(instance));
    }
    entered.map_err(|stop| stopped(stop, Phase::Call))?;
    match instance.marks().spent {
        Some(spent) => Ok(spent),
        None => Err(rejected_marks(instance)),
    }
}

fn stopped(stop: Stop, phase: Phase) -> End {
    End::Outcome(match stop {
        Stop::OutOfFuel => Outcome::OutOfFuel { phase },
        Stop::OutOfMemory => Outcome::OutOfMemory,
        Stop::OutOfDepth => Outcome::OutOfDepth,
        Stop::PastDeadline => Outcome::PastDeadline,
        Stop::Trapped(kind) => Outcome::Trapped { kind },
        Stop::Failed(error) => return End::Failed(error),
    })
}

fn rejected_marks(instance: &mut impl GuestInstance) -> End {
    if instance.marks().tracer.is_some() {
        return End::Outcome(Outcome::Rejected { reason: Rejection::Profile });
    }
    let marks = instance.marks().count;
    End::Outcome(Outcome::Rejected { reason: Rejection::Marks { marks } })
}

fn failed(message: String) -> End {
    End::Failed(RunError::Engine { message })
}

/// The error of the call itself leaves by `result`; its JSON then says `"phase":"call"`.
fn guest_error(body: Vec<u8>, phase: Phase) -> Outcome {
    let message = String::from_utf8_lossy(&body).into_owned();
    let in_call = phase == Phase::Result && message.contains("\"phase\":\"call\"");
    Outcome::GuestError { phase: if in_call { Phase::Call } else { phase }, message }
}
