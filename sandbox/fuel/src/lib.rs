//! What one unit of fuel is, and the plain data that every runner agrees on.
//!
//! A [`Job`] says what to run, [`Limits`] how much it may use, a [`Runner`] runs it, and a
//! [`Measurement`] says what happened. Start at [`CostTable`].
//!
//! Nothing here can run code: this crate knows no engine, no browser, no clock and no file system.
//! The native and the browser runner charge from the one table [`CostTable::FUEL_1`], which is why a
//! number earned in a tab can be compared with one earned on a server.

mod cost_table;
mod job;
mod limits;
mod measurement;
mod outcome;
mod profile;
mod protocol;
mod runner;

pub use cost_table::{CostTable, VariableCosts};
pub use job::{Guest, GuestJob, Job, Language, ModuleJob, Value, ValueType};
pub use limits::{
    LimitError, Limits, PREPARE_FUEL_PER_BYTE, RESULT_FUEL_PER_BYTE, TRANSFER_FUEL_BASE, transfer_allowance_fuel,
};
pub use measurement::{Fuel, Measurement, Output};
pub use outcome::{Outcome, Phase, Rejection, TrapKind};
pub use profile::{
    CODE_STEP_FUEL, CODES_MAX, NODES_MAX, PlaceFuel, Profile, ProfileNode, REHEARSAL_ROUNDS, WARM_UP_EVENTS,
};
pub use protocol::{
    EMPTY_FUEL_MAX, Entry, GuestInstance, Marks, REPLY_FRAMING_BYTES, SETTLE_FUEL, Stop, measure_guest, profile_guest,
};
pub use runner::{Meter, RunError, Runner, RunnerIdentity};
