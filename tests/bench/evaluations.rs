//! Evaluations a second by one worker and by two, and the memory of two, through the built `frugal`.
//!
//! The published files of the benchmarks are no part of the project: `FRUGAL_DATA` names their folder. What is always
//! there are the samples stored for our own problems. `FRUGAL_BENCH_PROBLEMS=N` takes the first N problems of each suite.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints its figures")]

mod peak;

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use frugal_report::{ComparisonReport, Coverage, EvaluationReport, Timing};

/// A benchmark with samples, as `frugal eval` takes it.
struct Suite {
    name: &'static str,
    /// Below `FRUGAL_DATA`, or else of the project.
    published: bool,
    suite: &'static str,
    problems: &'static str,
    samples: &'static [&'static str],
    limits: &'static [&'static str],
}

const SUITES: [Suite; 3] = [
    Suite {
        name: "our own problems, four stored solvers",
        published: false,
        suite: "frugal",
        problems: "public/problems/frugal",
        samples: &[
            "public/problems/stored/first_idea.jsonl",
            "public/problems/stored/second_thought.jsonl",
            "public/problems/stored/expert.jsonl",
            "public/problems/stored/hasty.jsonl",
        ],
        limits: &["--fuel", "2000000000", "--memory-bytes", "268435456"],
    },
    Suite {
        name: "ENAMEL, 142 problems, one sample each",
        published: true,
        suite: "enamel",
        problems: "enamel/enamel.csv",
        samples: &["enamel/samples/humanevalplus-canonical.json"],
        limits: &[],
    },
    Suite {
        name: "COFFE, function level, one sample each",
        published: true,
        suite: "coffe",
        problems: "coffe/function",
        samples: &["coffe/examples_function/GPT-4o.json"],
        limits: &[],
    },
];

/// What one evaluation took.
struct Taken {
    samples_per_second: f64,
    samples: u32,
    peak_bytes: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let frugal = env::var_os("FRUGAL_BIN").map_or_else(beside_this, PathBuf::from);
    if !frugal.exists() {
        return Err(format!("{} is missing; build it with `cargo build --bin frugal`", frugal.display()).into());
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = env::var_os("FRUGAL_DATA").map(PathBuf::from);
    for suite in &SUITES {
        let root = match (suite.published, &data) {
            (false, _) => &project,
            (true, Some(data)) => data,
            (true, None) => {
                println!("{}: skipped, FRUGAL_DATA names no folder of published files", suite.name);
                continue;
            }
        };
        println!("{}", suite.name);
        let one = evaluate(&frugal, root, suite, 1)?;
        let two = evaluate(&frugal, root, suite, 2)?;
        for (jobs, taken) in [(1, &one), (2, &two)] {
            println!(
                "  --jobs {jobs}: {} samples, {:.2} a second, peak memory {} MiB",
                taken.samples,
                taken.samples_per_second,
                taken.peak_bytes >> 20
            );
        }
        println!("  two workers over one: {:.2}", two.samples_per_second / one.samples_per_second);
    }
    Ok(())
}

/// The command that this program was built beside.
fn beside_this() -> PathBuf {
    env::current_exe().unwrap().parent().unwrap().with_file_name("frugal")
}

fn evaluate(frugal: &Path, root: &Path, suite: &Suite, jobs: u32) -> Result<Taken, Box<dyn Error>> {
    let mut command = Command::new(frugal);
    command.current_dir(root).args([
        "eval",
        "--suite",
        suite.suite,
        "--k",
        "1",
        "--json",
        "--problems",
        suite.problems,
    ]);
    command.args(suite.limits).args(["--jobs", &jobs.to_string()]);
    suite.samples.iter().for_each(|samples| {
        command.args(["--samples", samples]);
    });
    if let Ok(count) = env::var("FRUGAL_BENCH_PROBLEMS") {
        command.args(["--limit", &count]);
    }
    command.arg("--guests").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/guests"));
    let watched = peak::run(&mut command)?;
    let json = String::from_utf8(watched.stdout)?;
    if json.is_empty() {
        return Err(format!("{}: {}", watched.status, String::from_utf8_lossy(&watched.stderr)).into());
    }
    let (coverage, timing): (Coverage, Timing) = if suite.suite == "enamel" {
        let report = EvaluationReport::from_json(&json)?;
        (report.coverage, report.timing)
    } else {
        let report = ComparisonReport::from_json(&json)?;
        (report.coverage, report.timing)
    };
    let peak_bytes = watched.peak_bytes.ok_or("this system does not say how much memory a process has")?;
    let samples_per_second = f64::from(coverage.samples) / (timing.wall_ms / 1_000.0);
    Ok(Taken { samples_per_second, samples: coverage.samples, peak_bytes })
}
