//! What memory an evaluation takes, however much its samples take.

use std::fs;
use std::path::Path;
use std::process::Command;

use frugal_report::ComparisonReport;

use crate::{corpus, peak, runner};

/// Of an evaluation by two workers.
const PEAK_BYTES_MAX: u64 = 2 << 30;
/// What each sample takes and fills, in each of its runs. All runs together exceed the bound, two at a time do not.
const SAMPLE_BYTES: u64 = 192 << 20;
/// Two problems, for a worker takes one problem at a time.
const PROBLEMS: [(&str, &str); 2] = [("rug_sizes", "divide"), ("label_band", "join")];
/// Of each problem.
const SAMPLES: usize = 2;

#[test]
fn two_workers_stay_below_two_gibibytes() {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("greedy.jsonl");
    let problems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/problems/frugal");
    let line = |(problem, name): (&str, &str), at: usize| {
        let solution = fs::read_to_string(problems.join(format!("{problem}/solutions/{name}.py"))).unwrap();
        // Equal texts would be measured once.
        let greedy = format!("block = bytearray(b'x') * {SAMPLE_BYTES}  # {at}\n{solution}");
        serde_json::json!({"task_id": problem, "solution": greedy}).to_string() + "\n"
    };
    let lines = (0..SAMPLES).flat_map(|at| PROBLEMS.map(|problem| line(problem, at)));
    fs::write(&samples, lines.collect::<String>()).unwrap();
    let mut command = Command::new(runner::command());
    command.current_dir(corpus::folder("..")).args(["eval", "--suite", "frugal", "--k", "1", "--jobs", "2", "--json"]);
    command.args(["--memory-bytes", "536870912"]).arg("--problems").arg(problems).arg("--samples").arg(samples);
    let watched = peak::run(&mut command).unwrap();
    let said = String::from_utf8_lossy(&watched.stderr);
    let report = ComparisonReport::from_json(&String::from_utf8(watched.stdout).unwrap())
        .unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(report.models[0].metrics["measured_samples"], (2 * SAMPLES) as f64, "{:?}", report.models[0].failures);
    assert!(watched.status.success(), "{said}");
    let Some(peak_bytes) = watched.peak_bytes else {
        println!("skipped: this system does not say how much memory a process has");
        return;
    };
    println!("peak {} MiB", peak_bytes >> 20);
    assert!(peak_bytes > SAMPLE_BYTES, "each fills that much: {peak_bytes}");
    assert!(peak_bytes < PEAK_BYTES_MAX, "{peak_bytes}");
}
