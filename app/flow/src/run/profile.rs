//! Where the fuel of a run went: the woven job of a request, and its measurement joined to the run's report.

use std::collections::BTreeMap;

use frugal_fuel::{Guest, Job, Language, Limits, Measurement, Outcome, Output, Profile};
use frugal_guests::{GuestReply, Tagged, job_key, parse_arguments, python, sha256_hex};
use frugal_report::{CallFuel, FuelUnits, FunctionFuel, LineFuel, OutcomeKind, ProfileReport, RunReport, SignedFuel};

use super::plan::at;
use super::report::kind;
use super::{Code, Input, Planned, RequestError, RunRequest};

/// How much more fuel and time a woven run may take: a mark costs what some ten to a hundred statements cost.
const WOVEN_FACTOR: u64 = 100;
/// Fuel of weaving itself, in units; a program of 4,000 statements needs about 1,000 million.
const WEAVING_FUEL: u64 = 10_000_000_000;
/// What the marks and the tables of names need, in bytes.
const WEAVING_BYTES: u64 = 64 << 20;
/// Characters kept of a function's name.
const NAME_MAX: usize = 200;

/// Makes the woven job of a request, for Python source alone.
///
/// # Errors
/// [`RequestError`] with the place and what to mend.
pub fn plan_profile(request: &RunRequest, guests: &[Guest], cost_table: &str) -> Result<Planned, RequestError> {
    let Code::Source { language: Language::Python, text } = &request.code else {
        let hint = "leave the profile out, or give Python source";
        return Err(at("profile", &"only Python can be profiled by function and line", Some(hint)));
    };
    request.limits.validate().map_err(|error| at("limits", &error, None))?;
    let guest = guests.iter().find(|guest| guest.language == Language::Python).ok_or_else(|| {
        let hint = "run `frugal guest verify` to see which guests are here";
        at("language", &"there is no guest for python here", Some(hint))
    })?;
    let job = match &request.input {
        Input::Call { entry, arguments } => {
            let values = parse_arguments(arguments).map_err(|error| at("arguments", &error, None))?;
            python::profile_function_job(guest, text, entry, &values)
        }
        Input::Stdin(stdin) => python::profile_program_job(guest, text, stdin),
    };
    let job = Job::Profile(job.map_err(|error| at("source", &error, None))?);
    let limits = woven_limits(&request.limits);
    let key = job_key(&job, &limits, cost_table);
    Ok(Planned { job, limits, key, program_sha256: sha256_hex(text.as_bytes()) })
}

fn woven_limits(limits: &Limits) -> Limits {
    let times = |value: u64, most: u64| value.saturating_mul(WOVEN_FACTOR).min(most);
    Limits {
        fuel: times(limits.fuel, Limits::FUEL_MAX),
        setup_fuel: limits.setup_fuel.saturating_add(WEAVING_FUEL).min(Limits::FUEL_MAX),
        memory_bytes: (limits.memory_bytes + WEAVING_BYTES).min(Limits::MEMORY_MAX_BYTES),
        output_bytes: (limits.output_bytes + WEAVING_BYTES).min(Limits::OUTPUT_MAX_BYTES),
        wall_ms: times(limits.wall_ms, Limits::WALL_MAX_MS),
        ..*limits
    }
}

/// Joins the measurement of the woven job to the report of the run, as `profile` or as `profile_refusal`.
///
/// `plain` is the run as it was written, whose net fuel the rows and the unattributed rest sum to.
pub fn attribute(plain: &mut RunReport, woven: &Measurement) {
    match attributed(plain, woven) {
        Ok(profile) => plain.profile = Some(profile),
        Err(reason) => plain.profile_refusal = Some(reason),
    }
}

/// Says why a run has no profile, where that is known before a woven run.
pub fn refuse_profile(plain: &RunReport) -> Option<String> {
    let name = plain.outcome.name();
    let reason = || format!("the run ended as {name}; only a finished run can be attributed");
    (plain.outcome != OutcomeKind::Finished).then(reason)
}

fn attributed(plain: &RunReport, woven: &Measurement) -> Result<ProfileReport, String> {
    if let Some(reason) = refuse_profile(plain) {
        return Err(reason);
    }
    let Output::Profile { reply, profile } = &woven.output else {
        return Err(match &woven.outcome {
            Outcome::Rejected { reason } => reason.to_string(),
            Outcome::GuestError { message, .. } => {
                let said = frugal_guests::GuestFailure::from_json(message).map(|failure| failure.message);
                format!("the run with marks ended by an error: {}", said.unwrap_or_default())
            }
            outcome => format!("the run with marks ended as {}; raise the limits", kind(outcome).name()),
        });
    };
    let reply = GuestReply::from_json(reply).map_err(|error| format!("its reply cannot be read: {error}"))?;
    let strange = || "the code meddled with the names in its own profile".to_owned();
    let Tagged::Tuple(parts) = &reply.value else { return Err(strange()) };
    let [value, functions, lines] = parts.as_slice() else { return Err(strange()) };
    let unchanged = plain.value.as_ref().is_some_and(|plain| plain.tagged_json == value.to_json())
        && (&plain.stdout, &plain.stderr) == (&reply.stdout, &reply.stderr);
    if !unchanged {
        let what = "the run with marks gave another result or output than the run without";
        return Err(format!("{what}: code whose behaviour depends on its own memory or text cannot be attributed"));
    }
    let names = Names::read(functions, lines).ok_or_else(strange)?;
    names.join(profile, plain.net_fuel.0, woven.fuel.raw).ok_or_else(strange)
}

/// What the weaver said of the program.
struct Names {
    /// Name and line of each function.
    functions: Vec<(String, u32)>,
    /// The line of each code.
    lines: Vec<u32>,
}

impl Names {
    fn read(functions: &Tagged, lines: &Tagged) -> Option<Self> {
        let (Tagged::List(functions), Tagged::List(lines)) = (functions, lines) else { return None };
        let function = |function: &Tagged| match function {
            Tagged::Tuple(parts) => match parts.as_slice() {
                [Tagged::Str(name), line] => Some((name.chars().take(NAME_MAX).collect(), number(line)?)),
                _ => None,
            },
            _ => None,
        };
        let functions = functions.iter().map(function).collect::<Option<_>>()?;
        Some(Self { functions, lines: lines.iter().map(number).collect::<Option<_>>()? })
    }

    /// Absent when the profile speaks of what has no name.
    fn join(&self, profile: &Profile, net: u64, woven: u64) -> Option<ProfileReport> {
        let mut rows = Rows::default();
        let mut calls = Vec::new();
        for node in &profile.nodes {
            let function = node.function as usize;
            self.functions.get(function)?;
            let mut own = 0;
            for place in &node.places {
                let line = *self.lines.get(place.code as usize)?;
                // What came out below 0 is what a mark varies: it belongs to no line, so the rest takes it.
                let fuel = u64::try_from(place.fuel).unwrap_or(0);
                own += fuel;
                let row = rows.lines.entry((line, function)).or_default();
                row.0 += place.count;
                row.1 += fuel;
            }
            let sums = rows.functions.entry(function).or_default();
            sums.0 += node.calls;
            sums.1 += own;
            calls.push((node.parent, function, node.calls, own));
        }
        Some(self.report(rows, &calls, profile, net, woven))
    }

    fn report(&self, rows: Rows, calls: &[Call], profile: &Profile, net: u64, woven: u64) -> ProfileReport {
        let totals = inclusive(calls);
        let mut order: Vec<usize> = rows.functions.keys().copied().collect();
        order.sort_by_key(|function| (std::cmp::Reverse(rows.functions[function].1), *function));
        let place: BTreeMap<usize, u32> = order.iter().copied().zip(0..).collect();
        let functions = order.iter().map(|function| {
            let ((name, line), (calls, own)) = (&self.functions[*function], rows.functions[function]);
            FunctionFuel {
                name: name.clone(),
                line: *line,
                calls,
                self_fuel: FuelUnits(own),
                total_fuel: FuelUnits(totals.get(function).copied().unwrap_or(own)),
            }
        });
        let lines = rows.lines.iter().map(|((line, function), (count, fuel))| LineFuel {
            line: *line,
            function: place[function],
            count: *count,
            self_fuel: FuelUnits(*fuel),
        });
        let attributed: i128 = rows.functions.values().map(|(_, own)| i128::from(*own)).sum();
        let call = |(parent, function, calls, own): &Call| CallFuel {
            parent: *parent,
            function: place[function],
            calls: *calls,
            self_fuel: FuelUnits(*own),
        };
        ProfileReport {
            functions: functions.collect(),
            lines: lines.collect(),
            calls: calls.iter().map(call).collect(),
            unattributed_fuel: SignedFuel(i128::from(net) - attributed),
            woven_fuel: FuelUnits(woven),
            events: profile.events,
            calls_folded: profile.folded,
        }
    }
}

/// Parent, function, calls and own fuel of a node.
type Call = (Option<u32>, usize, u64, u64);

#[derive(Default)]
struct Rows {
    /// Calls and own fuel by function.
    functions: BTreeMap<usize, (u64, u64)>,
    /// Count and own fuel by line and function.
    lines: BTreeMap<(u32, usize), (u64, u64)>,
}

/// Fuel of each function with all it called, recursion counted once.
fn inclusive(calls: &[Call]) -> BTreeMap<usize, u64> {
    let mut below: Vec<u64> = calls.iter().map(|call| call.3).collect();
    for index in (0..calls.len()).rev() {
        if let Some(parent) = calls[index].0 {
            below[parent as usize] += below[index];
        }
    }
    let mut totals = BTreeMap::new();
    for (call, total) in calls.iter().zip(&below) {
        let mut caller = call.0;
        let recursive = loop {
            match caller.map(|index| &calls[index as usize]) {
                None => break false,
                Some(above) if above.1 == call.1 => break true,
                Some(above) => caller = above.0,
            }
        };
        if !recursive {
            *totals.entry(call.1).or_default() += total;
        }
    }
    totals
}

fn number(value: &Tagged) -> Option<u32> {
    match value {
        Tagged::Int(integer) => u32::try_from(integer.to_i64()?).ok(),
        _ => None,
    }
}
