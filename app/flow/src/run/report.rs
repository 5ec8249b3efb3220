use frugal_fuel::{Job, Language, Measurement, Outcome, Output, RunnerIdentity, Value};
use frugal_guests::{GuestFailure, GuestReply, Integer, Tagged};
use frugal_report::{
    ErrorReport, FuelUnits, GuestProvenance, OutcomeKind, Provenance, RUN_SCHEMA, RunReport, ValueReport,
};

use super::Planned;
use crate::{FRUGAL_VERSION, limits_report};

/// Characters kept of a value's text; its tagged JSON is whole.
const TEXT_MAX: usize = 10_000;

/// The report of a measured run. `wall_ms` is the edge's own clock, in milliseconds.
pub fn report(
    planned: &Planned,
    identity: &RunnerIdentity,
    measurement: &Measurement,
    wall_ms: Option<f64>,
) -> RunReport {
    let fuel = &measurement.fuel;
    let mut report = RunReport {
        schema: RUN_SCHEMA.to_owned(),
        outcome: kind(&measurement.outcome),
        phase: None,
        trap: None,
        error: None,
        rejection: None,
        net_fuel: FuelUnits(fuel.net()),
        raw_fuel: FuelUnits(fuel.raw),
        baseline_fuel: FuelUnits(fuel.baseline),
        fuel_is_lower_bound: fuel.lower_bound,
        value: None,
        stdout: String::new(),
        stderr: String::new(),
        limits: limits_report(&planned.limits),
        provenance: provenance(planned, identity),
        wall_ms,
        profile: None,
        profile_refusal: None,
    };
    describe(&mut report, &measurement.outcome);
    match &measurement.output {
        Output::Nothing => {}
        Output::Values(values) => report.value = Some(module_value(values)),
        Output::Guest(reply) | Output::Profile { reply, .. } => guest_output(&mut report, reply, &planned.job),
    }
    report
}

pub(super) fn kind(outcome: &Outcome) -> OutcomeKind {
    match outcome {
        Outcome::Finished => OutcomeKind::Finished,
        Outcome::OutOfFuel { .. } => OutcomeKind::OutOfFuel,
        Outcome::OutOfMemory => OutcomeKind::OutOfMemory,
        Outcome::OutOfDepth => OutcomeKind::OutOfDepth,
        Outcome::OutputTooLarge => OutcomeKind::OutputTooLarge,
        Outcome::PastDeadline => OutcomeKind::PastDeadline,
        Outcome::Trapped { .. } => OutcomeKind::Trapped,
        Outcome::GuestError { .. } => OutcomeKind::GuestError,
        Outcome::Rejected { .. } => OutcomeKind::Rejected,
    }
}

fn describe(report: &mut RunReport, outcome: &Outcome) {
    match outcome {
        Outcome::OutOfFuel { phase } => report.phase = Some(phase.name().to_owned()),
        Outcome::Trapped { kind } => report.trap = Some(kind.name().to_owned()),
        Outcome::Rejected { reason } => report.rejection = Some(reason.to_string()),
        Outcome::GuestError { phase, message } => {
            report.phase = Some(phase.name().to_owned());
            report.error = Some(match GuestFailure::from_json(message) {
                Ok(GuestFailure { type_name, message, traceback }) => {
                    ErrorReport { kind: type_name, message, traceback }
                }
                Err(_) => ErrorReport { kind: "Error".to_owned(), message: message.clone(), traceback: String::new() },
            });
        }
        _ => {}
    }
}

fn guest_output(report: &mut RunReport, reply: &[u8], job: &Job) {
    let is_javascript = matches!(job, Job::Guest(guest) if guest.guest.language == Language::JavaScript);
    match GuestReply::from_json(reply) {
        Ok(reply) => {
            let tagged_json = reply.value.to_json();
            let text = if is_javascript { tagged_json.clone() } else { reply.value.to_python() };
            report.value = Some(ValueReport { text: shorten(text), tagged_json });
            report.stdout = reply.stdout;
            report.stderr = reply.stderr;
        }
        // Only code that tampered with the guest can cause this: it ran, but what it handed back is no reply.
        Err(error) => {
            report.outcome = OutcomeKind::GuestError;
            report.phase = Some("result".to_owned());
            report.fuel_is_lower_bound = true;
            report.error =
                Some(ErrorReport { kind: "BadReply".to_owned(), message: error.to_string(), traceback: String::new() });
        }
    }
}

fn module_value(values: &[Value]) -> ValueReport {
    let tagged = values.iter().map(|value| match *value {
        Value::I32(value) => integer(&value.to_string()),
        Value::I64(value) => integer(&value.to_string()),
        Value::F32(bits) => Tagged::Float(f32::from_bits(bits).into()),
        Value::F64(bits) => Tagged::Float(f64::from_bits(bits)),
    });
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    ValueReport { text: texts.join(", "), tagged_json: Tagged::List(tagged.collect()).to_json() }
}

fn integer(digits: &str) -> Tagged {
    Integer::parse(digits).map_or(Tagged::None, Tagged::Int)
}

fn shorten(text: String) -> String {
    if text.chars().count() <= TEXT_MAX {
        return text;
    }
    text.chars().take(TEXT_MAX - 1).chain(['…']).collect()
}

fn provenance(planned: &Planned, identity: &RunnerIdentity) -> Provenance {
    let guest = match &planned.job {
        Job::Module(_) => None,
        Job::Guest(job) | Job::Profile(job) => Some(GuestProvenance {
            language: job.guest.language.name().to_owned(),
            version: job.guest.version.clone(),
            sha256: job.guest.sha256.clone(),
        }),
    };
    Provenance {
        frugal_version: FRUGAL_VERSION.to_owned(),
        engine: identity.engine.clone(),
        meter: identity.meter.name().to_owned(),
        cost_table: identity.cost_table.to_owned(),
        guest,
        program_sha256: planned.program_sha256.clone(),
        key: planned.key.clone(),
    }
}
