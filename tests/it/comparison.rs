//! `frugal eval` of the suites that hold samples against references, whole, on small problems of our own.

use std::path::Path;

use frugal_report::{ComparisonReport, Timing, Verdict};

use crate::command::frugal;

fn small(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name).display().to_string()
}

pub(crate) fn compare(suite: &str, problems: &str, samples: &[&str], more: &[&str]) -> ComparisonReport {
    let mut arguments = vec!["eval", "--suite", suite, "--problems", problems, "--json"];
    samples.iter().for_each(|file| arguments.extend(["--samples", file]));
    let output = frugal(&[&arguments, more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut report = ComparisonReport::from_json(&String::from_utf8(output.stdout).unwrap()).unwrap();
    report.timing = Timing::default();
    report
}

#[test]
fn coffe_ends_with_its_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result.json").display().to_string();
    let problems = small("coffe-small/function");
    let few = ["--fuel", "2000000000", "--k", "1,2"];
    let object = compare(
        "coffe",
        &problems,
        &[&small("coffe-small/predictions.json")],
        &[&few[..], &["--out", &out, "--jobs", "2"]].concat(),
    );
    let model = &object.models[0];
    // of two answers each, eight of twelve are right and six of those are cheaper than the best solution
    assert_eq!(
        (model.metrics["pass@1"], model.metrics["efficient@1"]),
        (8.0 / 12.0, 6.0 / 12.0),
        "{:?}",
        model.metrics
    );
    assert_eq!((model.metrics["pass@2"], model.metrics["efficient@2"]), (1.0, 1.0));
    assert!(model.metrics["efficient@1"] <= model.metrics["pass@1"]);
    let inverse = 1.0 / model.metrics["speedup_geometric_mean"];
    assert!((model.metrics["cost_ratio_geometric_mean"] - inverse).abs() < 1e-9);
    let failures: Vec<(&str, u32)> = model.failures.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(
        failures,
        [
            ("correctness: out_of_fuel", 1),
            ("correctness: wrong_output", 1),
            ("extraction: no code in the reply defines the function", 1),
            ("extraction: the reply holds no code", 1),
        ]
    );
    let lines = compare("coffe", &problems, &[&small("coffe-small/predictions.jsonl")], &few);
    assert_eq!(lines.problems, object.problems, "both forms are the same answers, and one job as good as two");
    let scored = frugal(&["score", &out, "--json"]);
    let mut scored = ComparisonReport::from_json(&String::from_utf8(scored.stdout).unwrap()).unwrap();
    scored.timing = Timing::default();
    assert_eq!(scored, object, "the report follows from its own fuel, with nothing run");
}

/// Whole programs: standard input comes from generators under a fixed seed.
#[test]
fn coffe_takes_whole_programs_too() {
    let problems = small("coffe-small/file");
    let few = ["--fuel", "2000000000", "--k", "1,2"];
    let report = compare("coffe", &problems, &[&small("coffe-small/predictions-file.json")], &few);
    let model = &report.models[0];
    // four of six answers are right; one is cheaper than the ground truth, and one is the ground truth itself
    assert_eq!((model.metrics["pass@1"], model.metrics["efficient@1"]), (4.0 / 6.0, 1.0 / 6.0), "{report:?}");
    assert_eq!((model.metrics["pass@2"], model.metrics["efficient@2"]), (2.0 / 3.0, 1.0 / 3.0));
    let failures: Vec<&str> = model.failures.keys().map(String::as_str).collect();
    assert_eq!(failures, ["correctness: wrong_output", "extraction: the reply holds no code"]);
    let own = &report.problems[0].samples[1];
    assert_eq!((own.cost_ratio, own.scores["efficient"]), (Some(1.0), 0.0), "equal to the unit is not cheaper");
    assert!(report.problems[0].samples[0].cost_ratio.unwrap() > 10.0);
    assert_eq!(report.problems.iter().map(|problem| problem.references[0].fuel.len()).sum::<usize>(), 5);
    assert!(report.notices.iter().any(|notice| notice.contains("file level")));
    let again = compare("coffe", &problems, &[&small("coffe-small/predictions-file.jsonl")], &few);
    assert_eq!(again.problems, report.problems, "both forms are the same answers, and the inputs are the same twice");
}

#[test]
fn a_folder_of_coffe_has_one_level() {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/coffe-small/file");
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let evaluate = |says: &str| {
        let output = frugal(&[
            "eval",
            "--suite",
            "coffe",
            "--problems",
            folder.path().to_str().unwrap(),
            "--samples",
            &small("coffe-small/predictions-file.json"),
        ]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(says), "{said}");
    };
    let change = |name: &str, from: &str, to: &str| {
        let path = folder.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        text
    };
    let whole = change("best_solutions.json", "true", "false");
    evaluate("2 of 3 solutions read standard input");
    std::fs::write(folder.path().join("best_solutions.json"), whole).unwrap();
    change("testcases.json", "Mown stretches", "Others");
    evaluate("testcases.json: `Mown stretches");
}

#[test]
fn a_ground_truth_is_not_cheaper_than_itself() {
    let folder = tempfile::tempdir().unwrap();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/coffe-small/function");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(vectors.join(name)).unwrap()).unwrap()
    };
    let (best, data) = (read("best_solutions.json"), read("data.json"));
    let mut lines = String::new();
    for row in data.as_array().unwrap() {
        let code = best[row["final_prompt"].as_str().unwrap()][0].as_str().unwrap();
        let code = code.replace("solution", row["entry_point"].as_str().unwrap());
        lines += &format!("{}\n", serde_json::json!({"prompt": row["final_prompt"], "solution": code}));
    }
    let file = folder.path().join("own.jsonl");
    std::fs::write(&file, lines).unwrap();
    let report =
        compare("coffe", &small("coffe-small/function"), &[file.to_str().unwrap()], &["--k", "1", "--jobs", "2"]);
    assert_eq!(report.models[0].metrics["pass@1"], 1.0);
    for problem in &report.problems {
        let sample = &problem.samples[0];
        let ratio = sample.cost_ratio.unwrap();
        assert_eq!(sample.verdict, Verdict::Passed);
        assert!((ratio - 1.0).abs() < 1e-4, "{}: {ratio}", problem.task_id);
        // where the prompt's imports do not stand before the sample, the two are the same text
        if problem.task_id.starts_with("frugal_prose") {
            assert_eq!((ratio, sample.scores["efficient"]), (1.0, 0.0), "{}", problem.task_id);
        }
    }
}

#[test]
fn evalperf_ends_with_dps_and_win_rates() {
    let folder = tempfile::tempdir().unwrap();
    let samples = small("evalperf-small/samples.jsonl");
    let text = std::fs::read_to_string(&samples).unwrap();
    // a model that answers by the references themselves, and one that always answers by the slowest
    let tasks = std::fs::read_to_string(small("evalperf-small/tasks.jsonl")).unwrap();
    let write = |name: &str, pick: fn(&[serde_json::Value]) -> &serde_json::Value| {
        let mut lines = String::new();
        for line in tasks.lines() {
            let task: serde_json::Value = serde_json::from_str(line).unwrap();
            let solution = pick(task["reference"].as_array().unwrap());
            lines += &format!("{}\n", serde_json::json!({"task_id": task["task_id"], "solution": solution}));
        }
        let path = folder.path().join(name);
        std::fs::write(&path, lines).unwrap();
        path.display().to_string()
    };
    let fastest = write("fastest.jsonl", |references| references.last().unwrap());
    let slowest = write("slowest.jsonl", |references| references.first().unwrap());
    let few = ["--min-correct", "1", "--max-profile", "2"];
    let plain = small("evalperf-small/tasks.jsonl");
    let report = compare("evalperf", &plain, &[&fastest, &slowest, &samples], &few);
    let [fast, slow, other] = report.models.as_slice() else { panic!("{:?}", report.models) };
    assert_eq!((fast.metrics["dps"], fast.metrics["dps_norm"], fast.metrics["pass@1_pct"]), (100.0, 100.0, 100.0));
    assert_eq!((fast.metrics["win_rate_task_level"], fast.metrics["cost_ratio_geometric_mean"]), (1.0, 1.0));
    assert!(slow.metrics["dps"] < other.metrics["dps"] && other.metrics["dps"] < 100.0, "{other:?}");
    assert!(slow.metrics["cost_ratio_geometric_mean"] > 1.0);
    assert_eq!(report.aligned_dps[0][1].unwrap().dps, 100.0);
    // the same by fuel: the fastest is cheaper on every task, and every mean has an interval around it
    let pair = report.cost_pairs[0][1].unwrap();
    assert!(pair.wins == pair.common_tasks && pair.common_tasks > 0 && pair.cost_ratio < 1.0, "{pair:?}");
    assert!((pair.cost_ratio * report.cost_pairs[1][0].unwrap().cost_ratio - 1.0).abs() < 1e-9);
    for model in &report.models {
        for name in ["dps", "pass@1_pct", "cost_ratio_geometric_mean", "win_rate_task_level", "win_rate_model_level"] {
            let ([low, high], value) = (model.intervals[name], model.metrics[name]);
            assert!(low <= value + 1e-9 && value <= high + 1e-9, "{name}: {low} {value} {high}");
        }
    }
    assert_eq!(other.failures.values().sum::<u32>(), 1, "{:?}", other.failures);
    // one sample of each task is fewer than ten: nothing is scored, and all tasks are listed
    let strict = compare("evalperf", &small("evalperf-small/tasks.jsonl.gz"), &[&fastest], &[]);
    assert!(!strict.models[0].metrics.contains_key("dps") && strict.models[0].skipped.len() == tasks.lines().count());
    assert_eq!(strict.problems[0].references, report.problems[0].references, "compressed or not");
    assert!(text.lines().count() > 0);
}

#[test]
fn our_own_problems_take_both_languages_but_not_together() {
    let folder = tempfile::tempdir().unwrap();
    let problems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/problems/frugal");
    let solution = |name: &str| std::fs::read_to_string(problems.join("rug_sizes/solutions").join(name)).unwrap();
    let write = |name: &str, lines: &[serde_json::Value]| {
        let path = folder.path().join(name);
        std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        path.display().to_string()
    };
    let line = |solution: String, language: &str| serde_json::json!({"task_id": "rug_sizes", "solution": solution, "language": language});
    let wrong = "def rug_sizes(wool):\n    return wool\n".to_owned();
    let python =
        [line(solution("symmetry.py"), "python"), line(solution("all_pairs.py"), "python"), line(wrong, "python")];
    let javascript = [line(solution("symmetry.js"), "javascript")];
    let (one, other) = (write("python.jsonl", &python), write("javascript.jsonl", &javascript));
    let mixed = write("mixed.jsonl", &[python[0].clone(), javascript[0].clone()]);
    let problems = problems.display().to_string();
    let few = ["--min-correct", "1", "--k", "1"];
    let report = compare("frugal", &problems, &[&one], &few);
    let samples = &report.problems[0].samples;
    // the best known solution is not cheaper than itself, the slowest is the slowest, the wrong one is wrong
    assert_eq!(
        (samples[0].cost_ratio, samples[0].scores["efficient"], samples[0].scores["dps_norm"]),
        (Some(1.0), 0.0, 100.0)
    );
    assert_eq!((samples[1].scores["dps_norm"], samples[2].verdict), (25.0, Verdict::WrongOutput));
    assert!((report.models[0].metrics["pass@1"] - 2.0 / 3.0).abs() < 1e-12);
    let report = compare("frugal", &problems, &[&other], &[&few[..], &["--language", "javascript"]].concat());
    assert_eq!(report.problems[0].samples[0].cost_ratio, Some(1.0));
    assert_eq!(report.provenance.guest.unwrap().language, "javascript");
    let refused = frugal(&["eval", "--suite", "frugal", "--problems", &problems, "--samples", &mixed]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("mixed.jsonl, line 2") && said.contains("never compared"), "{said}");
}

/// What the Bench page shows a visitor: it follows from the files beside it, with this guest and this cost table.
#[test]
fn the_stored_comparison_follows_from_its_samples() {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/problems/stored");
    let path = |name: &str| stored.join(name).display().to_string();
    let mut expected =
        ComparisonReport::from_json(&std::fs::read_to_string(stored.join("comparison.json")).unwrap()).unwrap();
    expected.timing = Timing::default();
    let names: Vec<String> = expected.models.iter().map(|model| path(&format!("{}.jsonl", model.name))).collect();
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let problems = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/problems/frugal").display().to_string();
    let limits = ["--fuel", "2000000000", "--memory-bytes", "268435456"];
    let draws = ["--k", "1,2", "--min-correct", "1", "--max-profile", "2", "--jobs", "2"];
    assert_eq!(compare("frugal", &problems, &files, &[limits.as_slice(), &draws].concat()), expected);
}
