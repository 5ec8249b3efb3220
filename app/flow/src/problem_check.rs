//! Measures one problem of Frugal's own set, and compares what was measured with what it declares.
//!
//! [`check`] is handed a function that runs jobs; what it finds follows from the problem and the guests alone.

use std::collections::BTreeMap;
use std::fmt;

use frugal_bench::suite::CaseVerdict;
use frugal_bench::suite::frugal::{Problem, Solution};
use frugal_fuel::{Guest, GuestJob, Job, Language, Limits, Measurement, Outcome, Output};
use frugal_score::growth;

use crate::curation::Run;

/// Neighbouring classes differ by at least this factor of net fuel at the top level.
const CLASS_RATIO_MIN: f64 = 1.5;
/// A fitted exponent lies this near the declared one.
const EXPONENT_TOLERANCE: f64 = 0.15;
/// No solution costs more than this at the top level, so that a tab shows it in a moment.
const TOP_FUEL_MAX: u64 = 300_000_000;

/// What was measured of one problem.
pub struct Checked {
    /// Id of the problem.
    pub id: String,
    /// Whatever made a measurement impossible or an output wrong.
    faults: Vec<String>,
    top_size: u32,
    rows: Vec<Row>,
}

/// What was measured of one solution.
struct Row {
    solution: Solution,
    /// Net fuel in Python by size, over one input of each size.
    fuel: BTreeMap<u32, u64>,
    fitted: f64,
}

/// Cases of a size: small ones catch the edges, large ones cost.
fn cases(size: u32) -> u32 {
    match size {
        0..10 => 6,
        10..100 => 2,
        _ => 1,
    }
}

/// Inputs of one size with the reference's answers.
struct Level {
    size: u32,
    inputs: Vec<String>,
    answers: Vec<String>,
}

/// The guests that a check needs, and what runs their jobs.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// Runs support code and solutions.
    pub python: &'a Guest,
    /// Runs solutions.
    pub javascript: &'a Guest,
    /// Runs one job.
    pub run: &'a Run<'a>,
}

/// Runs every solution of a problem on inputs of every size that it declares.
pub fn check(problem: &Problem, bench: Bench<'_>) -> Checked {
    let mut checked = Checked {
        id: problem.id.clone(),
        faults: Vec::new(),
        top_size: problem.description.level_sizes.last().copied().unwrap_or_default(), // the reader wants a level
        rows: Vec::new(),
    };
    if let Err(fault) = measure(problem, bench, &mut checked) {
        checked.faults.push(format!("{}: {fault}", problem.id));
    }
    checked
}

fn measure(problem: &Problem, bench: Bench<'_>, checked: &mut Checked) -> Result<(), String> {
    let description = &problem.description;
    let mut sizes = [description.level_sizes.clone(), description.sweep_sizes.clone()].concat();
    sizes.sort_unstable();
    sizes.dedup();
    let mut levels = Vec::new();
    for size in sizes {
        levels.push(level(problem, bench, size)?);
    }
    for (solution, source) in problem.solutions(Language::Python) {
        let fuel = solve(problem, bench, (bench.python, solution, source), &levels, &mut checked.faults);
        let sweep = description.sweep_sizes.iter().filter_map(|size| Some((*size, *fuel.get(size)?)));
        let (sizes, costs): (Vec<f64>, Vec<f64>) = sweep.map(|(size, fuel)| (f64::from(size), fuel as f64)).unzip();
        let fitted = growth(&sizes, &costs).map_or(f64::NAN, |growth| growth.exponent);
        checked.rows.push(Row { solution: solution.clone(), fuel, fitted });
    }
    for (solution, source) in problem.solutions(Language::JavaScript) {
        solve(problem, bench, (bench.javascript, solution, source), &levels, &mut checked.faults);
    }
    Ok(())
}

/// Makes the inputs of a size, holds them against the contract, and asks the reference for its answers.
fn level(problem: &Problem, bench: Bench<'_>, size: u32) -> Result<Level, String> {
    let Bench { python, .. } = bench;
    let seeds: Vec<u32> = (0..cases(size)).map(|case| size.wrapping_mul(1_000) + case).collect();
    let job = problem.generate_job(python, size, &seeds).map_err(|error| error.to_string())?;
    let inputs = problem.inputs(&reply(bench, job)?.1, seeds.len()).map_err(|error| error.to_string())?;
    let job = problem.contract_job(python, inputs.iter().map(String::as_str)).map_err(|error| error.to_string())?;
    let said = problem.verdicts(&reply(bench, job)?.1, inputs.len()).map_err(|error| error.to_string())?;
    if let Some(case) = said.iter().position(|verdict| *verdict != CaseVerdict::Right) {
        return Err(format!("the generator breaks the contract at size {size}, case {case}: {:?}", said[case]));
    }
    let mut answers = Vec::new();
    for input in &inputs {
        let job = problem.call_job(python, problem.reference_source(), input).map_err(|error| error.to_string())?;
        let (_, reply) = reply(bench, job).map_err(|fault| format!("the reference at size {size}: {fault}"))?;
        answers.push(problem.output(&reply).map_err(|error| error.to_string())?);
    }
    Ok(Level { size, inputs, answers })
}

/// Runs a solution on every input; its net fuel on the first of each size. Faults go to the list.
fn solve(
    problem: &Problem,
    bench: Bench<'_>,
    (guest, solution, source): (&Guest, &Solution, &str),
    levels: &[Level],
    faults: &mut Vec<String>,
) -> BTreeMap<u32, u64> {
    let mut fuel = BTreeMap::new();
    for level in levels {
        let name = format!("{}: {} ({})", problem.id, solution.name, guest.language);
        let mut outputs = Vec::new();
        for input in &level.inputs {
            let ran = problem
                .call_job(guest, source, input)
                .map_err(|error| error.to_string())
                .and_then(|job| reply(bench, job));
            match ran {
                Ok((net, reply)) => {
                    fuel.entry(level.size).or_insert(net);
                    match problem.output(&reply) {
                        Ok(output) => outputs.push(output),
                        Err(error) => {
                            faults.push(format!("{name} at size {}: {error}", level.size));
                            return fuel;
                        }
                    }
                }
                Err(fault) => {
                    faults.push(format!("{name} did not finish at size {}: {fault}", level.size));
                    return fuel;
                }
            }
        }
        if let Err(fault) = judge(problem, bench, level, &outputs) {
            faults.push(format!("{name} is wrong at size {}: {fault}", level.size));
        }
    }
    fuel
}

/// Asks the problem's checker in a trusted instance.
fn judge(problem: &Problem, bench: Bench<'_>, level: &Level, outputs: &[String]) -> Result<(), String> {
    let cases = level.inputs.iter().zip(&level.answers).zip(outputs);
    let triples = cases.map(|((input, answer), output)| (input.as_str(), answer.as_str(), output.as_str()));
    let job = problem.check_job(bench.python, triples).map_err(|error| error.to_string())?;
    let said = problem.verdicts(&reply(bench, job)?.1, outputs.len()).map_err(|error| error.to_string())?;
    match said.iter().position(|verdict| *verdict != CaseVerdict::Right) {
        None => Ok(()),
        Some(case) => {
            let short = |text: &str| text.chars().take(60).collect::<String>();
            Err(format!("case {case} gave {}, not {}", short(&outputs[case]), short(&level.answers[case])))
        }
    }
}

/// Net fuel and reply of a job that must finish.
fn reply(bench: Bench<'_>, job: GuestJob) -> Result<(u64, Vec<u8>), String> {
    let limits = Limits { fuel: 4_000_000_000, ..Limits::default() };
    let measured = (bench.run)(&Job::Guest(job), &limits).map_err(|error| error.to_string())?;
    match measured {
        Measurement { outcome: Outcome::Finished, fuel, output: Output::Guest(reply) } => Ok((fuel.net(), reply)),
        other => Err(format!("{:?}", other.outcome)),
    }
}

/// Everything that is not as the problem declares.
pub fn findings(checked: &Checked) -> Vec<String> {
    let mut findings = checked.faults.clone();
    let top = |row: &Row| row.fuel.get(&checked.top_size).copied().unwrap_or_default();
    for row in &checked.rows {
        let (name, fitted, declared) = (&row.solution.name, row.fitted, row.solution.exponent);
        let near = (fitted - declared).abs() <= EXPONENT_TOLERANCE;
        if !near {
            findings.push(format!("{}: {name} grows with exponent {fitted:.3}, declared is {declared}", checked.id));
        }
        if top(row) > TOP_FUEL_MAX {
            findings.push(format!("{}: {name} costs {} at the top level", checked.id, top(row)));
        }
    }
    for pair in checked.rows.windows(2) {
        let (slow, fast) = (top(&pair[0]) as f64, top(&pair[1]) as f64);
        let wanted = if pair[0].solution.complexity == pair[1].solution.complexity { 1.0 } else { CLASS_RATIO_MIN };
        if slow <= fast || slow < wanted * fast {
            let (slower, faster) = (&pair[0].solution.name, &pair[1].solution.name);
            let ratio = slow / fast;
            findings.push(format!(
                "{}: {slower} costs less than {wanted} times what {faster} costs: {ratio:.2}",
                checked.id
            ));
        }
    }
    findings
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.id)?;
        for row in &self.rows {
            let top = row.fuel.get(&self.top_size).copied().unwrap_or_default();
            let Solution { name, complexity, exponent, .. } = &row.solution;
            writeln!(f, "  {name:<20} {complexity:<18} {exponent:.2} {:.3} {top:>12}", row.fitted)?;
        }
        Ok(())
    }
}
