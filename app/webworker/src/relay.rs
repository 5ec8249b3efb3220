//! What coordinator and runner tell each other.
//!
//! Jobs and measurements are mirrored here, because `sandbox/fuel` stays free of serialisation. Both ends
//! are the same build, so these shapes have no version.

use frugal_fuel::{
    Fuel, Guest, GuestJob, Job, Language, Limits, Measurement, ModuleJob, Outcome, Output, Phase, PlaceFuel, Profile,
    ProfileNode, Rejection, TrapKind, Value,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// To a runner.
#[derive(Serialize, Deserialize)]
pub(crate) enum ToRunner {
    /// Keep this guest.
    AddGuest {
        guest: GuestRelay,
        /// Array of `[name, WebAssembly.Module]`.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        modules: JsValue,
        script_url: Option<String>,
    },
    /// Run one job.
    Measure { job: JobRelay, limits: frugal_wire::Limits },
}

/// From a runner.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromRunner {
    /// All is compiled; the program starts.
    Started,
    Measured {
        measurement: MeasurementRelay,
        wall_ms: f64,
    },
    /// Of the same shape as the page's `Failed`, because `start.mjs` posts it in either role.
    Failed {
        message: String,
        hint: String,
    },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct GuestRelay {
    language: String,
    version: String,
    sha256: String,
}

impl From<&Guest> for GuestRelay {
    fn from(guest: &Guest) -> Self {
        Self {
            language: guest.language.name().to_owned(),
            version: guest.version.clone(),
            sha256: guest.sha256.clone(),
        }
    }
}

impl GuestRelay {
    pub(crate) fn guest(self) -> Option<Guest> {
        Some(Guest { language: language(&self.language)?, version: self.version, sha256: self.sha256 })
    }
}

/// The guest language of that name.
pub(crate) fn language(name: &str) -> Option<Language> {
    [Language::Python, Language::JavaScript].into_iter().find(|language| language.name() == name)
}

#[derive(Serialize, Deserialize)]
pub(crate) enum JobRelay {
    Module {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        export: String,
        arguments: Vec<ValueRelay>,
    },
    Guest {
        guest: GuestRelay,
        #[serde(with = "serde_bytes")]
        define: Vec<u8>,
        #[serde(with = "serde_bytes")]
        prepare: Vec<u8>,
        woven: bool,
    },
}

impl From<&Job> for JobRelay {
    fn from(whole: &Job) -> Self {
        match whole {
            Job::Module(job) => Self::Module {
                bytes: job.bytes.clone(),
                export: job.export.clone(),
                arguments: job.arguments.iter().map(|value| ValueRelay::from(*value)).collect(),
            },
            Job::Guest(job) | Job::Profile(job) => Self::Guest {
                guest: GuestRelay::from(&job.guest),
                define: job.define.clone(),
                prepare: job.prepare.clone(),
                woven: matches!(whole, Job::Profile(_)),
            },
        }
    }
}

impl JobRelay {
    pub(crate) fn job(self) -> Option<Job> {
        Some(match self {
            Self::Module { bytes, export, arguments } => {
                let arguments = arguments.into_iter().map(ValueRelay::value).collect();
                Job::Module(ModuleJob { bytes, export, arguments })
            }
            Self::Guest { guest, define, prepare, woven } => {
                let job = GuestJob { guest: guest.guest()?, define, prepare };
                if woven { Job::Profile(job) } else { Job::Guest(job) }
            }
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) enum ValueRelay {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
}

impl From<Value> for ValueRelay {
    fn from(value: Value) -> Self {
        match value {
            Value::I32(v) => Self::I32(v),
            Value::I64(v) => Self::I64(v),
            Value::F32(bits) => Self::F32(bits),
            Value::F64(bits) => Self::F64(bits),
        }
    }
}

impl ValueRelay {
    fn value(self) -> Value {
        match self {
            Self::I32(v) => Value::I32(v),
            Self::I64(v) => Value::I64(v),
            Self::F32(bits) => Value::F32(bits),
            Self::F64(bits) => Value::F64(bits),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct MeasurementRelay {
    outcome: OutcomeRelay,
    raw: u64,
    baseline: u64,
    lower_bound: bool,
    output: OutputRelay,
}

#[derive(Serialize, Deserialize)]
enum OutputRelay {
    Nothing,
    Values(Vec<ValueRelay>),
    Guest(#[serde(with = "serde_bytes")] Vec<u8>),
    Profile {
        #[serde(with = "serde_bytes")]
        reply: Vec<u8>,
        nodes: Vec<NodeRelay>,
        events: u64,
        folded: bool,
    },
}

#[derive(Serialize, Deserialize)]
struct NodeRelay {
    parent: Option<u32>,
    function: u32,
    calls: u64,
    /// Code, count and fuel of each place.
    places: Vec<(u32, u64, i64)>,
}

impl From<ProfileNode> for NodeRelay {
    fn from(node: ProfileNode) -> Self {
        let places = node.places.iter().map(|place| (place.code, place.count, place.fuel)).collect();
        Self { parent: node.parent, function: node.function, calls: node.calls, places }
    }
}

impl NodeRelay {
    fn node(self) -> ProfileNode {
        let places = self.places.into_iter().map(|(code, count, fuel)| PlaceFuel { code, count, fuel }).collect();
        ProfileNode { parent: self.parent, function: self.function, calls: self.calls, places }
    }
}

#[derive(Serialize, Deserialize)]
enum OutcomeRelay {
    Finished,
    OutOfFuel { phase: String },
    OutOfMemory,
    OutOfDepth,
    OutputTooLarge,
    PastDeadline,
    Trapped { kind: String },
    GuestError { phase: String, message: String },
    Rejected { message: String, marks: Option<u32> },
}

impl From<Measurement> for MeasurementRelay {
    fn from(measurement: Measurement) -> Self {
        let Measurement { outcome, fuel, output } = measurement;
        Self {
            outcome: OutcomeRelay::from(outcome),
            raw: fuel.raw,
            baseline: fuel.baseline,
            lower_bound: fuel.lower_bound,
            output: match output {
                Output::Nothing => OutputRelay::Nothing,
                Output::Values(values) => OutputRelay::Values(values.into_iter().map(ValueRelay::from).collect()),
                Output::Guest(reply) => OutputRelay::Guest(reply),
                Output::Profile { reply, profile: Profile { nodes, events, folded } } => {
                    let nodes = nodes.into_iter().map(NodeRelay::from).collect();
                    OutputRelay::Profile { reply, nodes, events, folded }
                }
            },
        }
    }
}

impl MeasurementRelay {
    /// Absent when a name is unknown, which two ends of one build never see.
    pub(crate) fn measurement(self) -> Option<Measurement> {
        Some(Measurement {
            outcome: self.outcome.outcome()?,
            fuel: Fuel { raw: self.raw, baseline: self.baseline, lower_bound: self.lower_bound },
            output: match self.output {
                OutputRelay::Nothing => Output::Nothing,
                OutputRelay::Values(values) => Output::Values(values.into_iter().map(ValueRelay::value).collect()),
                OutputRelay::Guest(reply) => Output::Guest(reply),
                OutputRelay::Profile { reply, nodes, events, folded } => {
                    let nodes = nodes.into_iter().map(NodeRelay::node).collect();
                    Output::Profile { reply, profile: Profile { nodes, events, folded } }
                }
            },
        })
    }
}

impl From<Outcome> for OutcomeRelay {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Finished => Self::Finished,
            Outcome::OutOfFuel { phase } => Self::OutOfFuel { phase: phase.name().to_owned() },
            Outcome::OutOfMemory => Self::OutOfMemory,
            Outcome::OutOfDepth => Self::OutOfDepth,
            Outcome::OutputTooLarge => Self::OutputTooLarge,
            Outcome::PastDeadline => Self::PastDeadline,
            Outcome::Trapped { kind } => Self::Trapped { kind: kind.name().to_owned() },
            Outcome::GuestError { phase, message } => Self::GuestError { phase: phase.name().to_owned(), message },
            Outcome::Rejected { reason } => {
                let marks = if let Rejection::Marks { marks } = reason { Some(marks) } else { None };
                Self::Rejected { message: reason.to_string(), marks }
            }
        }
    }
}

impl OutcomeRelay {
    fn outcome(self) -> Option<Outcome> {
        Some(match self {
            Self::Finished => Outcome::Finished,
            Self::OutOfFuel { phase } => Outcome::OutOfFuel { phase: phase_of(&phase)? },
            Self::OutOfMemory => Outcome::OutOfMemory,
            Self::OutOfDepth => Outcome::OutOfDepth,
            Self::OutputTooLarge => Outcome::OutputTooLarge,
            Self::PastDeadline => Outcome::PastDeadline,
            Self::Trapped { kind } => Outcome::Trapped { kind: trap_of(&kind)? },
            Self::GuestError { phase, message } => Outcome::GuestError { phase: phase_of(&phase)?, message },
            Self::Rejected { marks: Some(marks), .. } => Outcome::Rejected { reason: Rejection::Marks { marks } },
            // Only the sentence of a rejection goes on into reports.
            Self::Rejected { message, .. } => Outcome::Rejected { reason: Rejection::Request { message } },
        })
    }
}

fn phase_of(name: &str) -> Option<Phase> {
    [Phase::Define, Phase::Prepare, Phase::Call, Phase::Result].into_iter().find(|phase| phase.name() == name)
}

fn trap_of(name: &str) -> Option<TrapKind> {
    [
        TrapKind::Unreachable,
        TrapKind::MemoryOutOfBounds,
        TrapKind::TableOutOfBounds,
        TrapKind::DivideByZero,
        TrapKind::IntegerOverflow,
        TrapKind::IndirectCallTypeMismatch,
        TrapKind::Other,
    ]
    .into_iter()
    .find(|kind| kind.name() == name)
}

/// The limits as a message.
pub(crate) fn limits_to_wire(limits: &Limits) -> frugal_wire::Limits {
    let Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms } = *limits;
    frugal_wire::Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms }
}

/// The limits of a message; not yet validated.
pub(crate) fn limits_from_wire(limits: &frugal_wire::Limits) -> Limits {
    let frugal_wire::Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms } = *limits;
    Limits { fuel, setup_fuel, memory_bytes, output_bytes, call_depth, wall_ms }
}
