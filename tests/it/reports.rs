//! `frugal report` and `frugal problems`, whole, on a few calls.

use std::fs;
use std::path::Path;
use std::process::Command;

use frugal_bench::suite::evalperf::parse_tasks;
use frugal_report::{ClusterAgreementReport, CurationReport, StabilityReport, ValidityReport};

use crate::command::frugal;

/// Two cheap calls of different size.
const POINTS: &str = r#"{"schema":"frugal-points-1","rule":"cheap","points":[
    {"problem":"rug_sizes","solution":"divide","size":450,"seed":1},
    {"problem":"rug_sizes","solution":"divide","size":9000,"seed":1},
    {"problem":"rug_sizes","solution":"fitting_pairs","size":450,"seed":1}]}"#;

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

#[test]
fn fuel_is_the_same_in_every_run_and_time_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    fs::write(file("points.json"), POINTS).unwrap();
    let (points, out, plot) = (file("points.json"), file("stability.json"), file("stability.svg"));
    let output = frugal(&["report", "stability", "--points", &points, "--runs", "4", "--out", &out, "--plot", &plot]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = StabilityReport::from_json(&fs::read_to_string(out).unwrap()).unwrap();
    assert_eq!(report.fuel_relative_standard_deviation_untrimmed, 0.0);
    assert!(report.wall_relative_standard_deviation_untrimmed > 0.0);
    assert!(report.calls.iter().all(|call| call.net_fuel.len() == 4 && call.net_fuel[0] == call.net_fuel[3]));
    assert!(text(&output.stdout).contains("rug_sizes/divide, n = 9000"));
    assert_eq!(fs::read_to_string(plot).unwrap().matches("<circle").count(), 3);
}

#[test]
fn ground_truths_of_coffe_are_as_steady() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/coffe-small/function").display().to_string();
    let output = frugal(&["report", "stability", "--coffe", &folder, "--limit", "2", "--runs", "4", "--json"]);
    let report = StabilityReport::from_json(&text(&output.stdout))
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_eq!(report.fuel_relative_standard_deviation_untrimmed, 0.0);
    let tests: serde_json::Value =
        serde_json::from_slice(&fs::read(format!("{folder}/stressful_testcases.json")).unwrap()).unwrap();
    let data: serde_json::Value = serde_json::from_slice(&fs::read(format!("{folder}/data.json")).unwrap()).unwrap();
    let of = |row: &serde_json::Value| tests[row["final_prompt"].as_str().unwrap()].as_array().unwrap().len();
    let wanted: usize = data.as_array().unwrap()[..2].iter().map(of).sum();
    assert_eq!(report.calls.len() + report.unmeasured.len(), wanted);
    let both = frugal(&["report", "stability", "--coffe", &folder, "--points", "x"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn fuel_stands_beside_native_instructions() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let points = folder.path().join("points.json").display().to_string();
    fs::write(&points, POINTS).unwrap();
    let output = frugal(&["report", "validity", "--points", &points, "--json"]);
    let report = ValidityReport::from_json(&text(&output.stdout))
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_eq!((report.points.len(), report.unmeasured.len()), (3, 0));
    assert!(report.points.iter().all(|point| point.native_instructions.0 > 1_000));
    assert!(report.pearson.found.estimate > 0.9, "{:?}", report.pearson);
    let met = report.pearson.is_met() && report.log_log_pearson.is_met();
    assert_eq!(output.status.code(), Some(i32::from(!met)), "the exit code says whether the floor is met");
}

#[test]
fn points_that_name_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let points = folder.path().join("points.json").display().to_string();
    for (from, to, said) in [
        ("\"divide\"", "\"wish\"", "there is no Python solution rug_sizes/wish"),
        ("\"size\":450", "\"size\":NaN", "line 2"),
        ("\"rule\"", "\"rulle\"", "unknown field"),
    ] {
        fs::write(&points, POINTS.replacen(from, to, 1)).unwrap();
        let output = frugal(&["report", "stability", "--points", &points]);
        assert_eq!(output.status.code(), Some(2), "{to}");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}

/// Three ways to sum a list, by how often each item is read; `copies` of each, told apart by a comment.
fn solutions(ways: &[&str], copies: usize) -> Vec<String> {
    let write = |way: &&str| (0..copies).map(move |copy| format!("# {copy}\ndef total(a):\n{way}")).collect::<Vec<_>>();
    ways.iter().flat_map(write).collect()
}

const WAYS: [&str; 4] = [
    "    return sum(a)\n",
    "    t = 0\n    for x in a:\n        t += x\n    return t\n",
    "    t = 0\n    for i in range(len(a)):\n        for x in a[i:i + 9]:\n            t += x * 0\n        t += a[i]\n    return t\n",
    "    t = 0\n    for i in range(len(a)):\n        for x in a[i:i + 99]:\n            t += x * 0\n        t += a[i]\n    return t\n",
];

fn pool(task_id: &str, solutions: &[String], generators: &[&str]) -> String {
    let pool = serde_json::json!({
        "task_id": task_id,
        "entry_point": "total",
        "canonical_solution": "def total(a):\n    return sum(a)\n",
        "contract": "def contract(a):\n    return all(type(x) is int for x in a)\n",
        "generators": generators,
        "solutions": solutions,
    });
    format!("{pool}\n")
}

#[test]
fn pools_become_tasks_or_are_rejected_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let generator = "def perf_input_gen(scale):\n    return (list(range(scale)),)\n";
    let raises = "def perf_input_gen(scale):\n    raise ValueError(scale)\n";
    let forbidden = "def perf_input_gen(scale):\n    return ([0.5] * scale,)\n";
    let endless = "def total(a):\n    while True:\n        pass\n".to_owned();
    let good = solutions(&WAYS, 3);
    let pools = [
        pool("Own/1", &good, &[raises, generator]),
        pool("Own/2", &good[..9], &[generator]),
        pool("Own/3", &good, &[raises, forbidden]),
        pool("Own/4", &solutions(&WAYS[..1], 12), &[generator]),
        pool("Own/5", &[good.clone(), vec![endless]].concat(), &[generator]),
        pool("Own/6", &[good.clone(), vec!["def total(a):\n    return a[-1] / 0\n".to_owned()]].concat(), &[generator]),
    ];
    fs::write(file("pools.jsonl"), pools.concat()).unwrap();
    let (pools, out, report) = (file("pools.jsonl"), file("tasks.jsonl"), file("curation.json"));
    let output = frugal(&[
        "problems",
        "curate",
        "--pools",
        &pools,
        "--out",
        &out,
        "--report",
        &report,
        "--jobs",
        "2",
        "--scale-exponent-max",
        "12",
        "--fuel",
        "1000000000",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = CurationReport::from_json(&fs::read_to_string(report).unwrap()).unwrap();
    let rejections: Vec<_> =
        report.tasks.iter().map(|task| task.rejection.as_ref().map(|rejection| rejection.name.as_str())).collect();
    let named = |name| Some(name);
    assert_eq!(
        rejections,
        [None, named("size"), named("no_input"), named("diversity"), named("too_slow"), named("size")],
        "{}",
        text(&output.stdout)
    );
    let kept = &report.tasks[0];
    assert_eq!(kept.generators.iter().map(|one| one.ended.as_str()).collect::<Vec<_>>(), ["raised", "largest_scale"]);
    assert_eq!(kept.input.as_deref(), Some("generator 1 at scale 4096"));
    assert_eq!(kept.references.last().map(|one| one.score), Some(100.0));
    assert!(kept.references.windows(2).all(|pair| pair[0].net_fuel > pair[1].net_fuel));
    assert_eq!(report.tasks[2].generators[1].ended, "contract");
    assert_eq!(report.tasks[5].unprofiled, ["12: guest_error"]);
    let tasks = parse_tasks(&fs::read(out).unwrap(), "tasks").unwrap();
    assert_eq!((tasks.len(), tasks[0].references.len()), (1, kept.references.len()));
    assert!(tasks[0].references[0].contains("i + 99") && tasks[0].entry_point.as_deref() == Some("total"));
}

#[test]
fn faster_clusters_cost_less_fuel() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("results.json").display().to_string();
    let profiled: Vec<_> = (WAYS.iter().rev().zip(-1..))
        .map(|(way, cluster)| serde_json::json!({"solution": format!("def f(a):\n{way}"), "matching_cluster_idx": cluster}))
        .collect();
    let task = serde_json::json!({"dps": 50.0, "dps_norm": 50.0, "pass@1": 100.0, "profiled": profiled});
    let brief = serde_json::json!({
        "date": "2026-01-01",
        "config": {"n_samples": 4, "temperature": 0.0, "min_correct": 1, "max_profile": 4},
        "summary": {"dps": 50.0, "dps_norm": 50.0, "pass@1": 100.0},
        "eval": {"HumanEval/0": task, "Mbpp/1": task},
    });
    fs::write(&results, brief.to_string()).unwrap();
    let enamel = folder.path().join("enamel.csv").display().to_string();
    let header = "task_id,prompt,input_generator,input_levels,reference_solution,checker,entry_point\n";
    let row = "HumanEval/0,\"def f(a):\n    '''Sum.'''\n\",\"def generate_input(size, level, case):\n    return (list(range(size)),)\",8 16 32 64,    return sum(a),\"def __check(input, answer, output):\n    return output == answer\",f\n";
    fs::write(&enamel, format!("{header}{row}")).unwrap();
    let base =
        ["report", "clusters", "--results", &results, "--enamel", &enamel, "--scale-exponent-max", "10", "--json"];
    let output = frugal(&base);
    let report = ClusterAgreementReport::from_json(&text(&output.stdout))
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_eq!((report.tasks.len(), report.tasks[0].solutions), (1, 4));
    assert!((report.tasks[0].spearman + 1.0).abs() < 1e-12);
    assert_eq!(report.tasks[0].input, "generator 0 at scale 1024");
    assert_eq!(report.not_rebuilt[0].name, "Mbpp/1");
}

#[test]
fn the_set_is_validated_by_command() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/problems/frugal").display().to_string();
    let output = frugal(&["problems", "validate", &folder, "--problem", "rug_sizes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("symmetry") && text(&output.stderr).contains("1 problems, 0 findings"));
    let output = frugal(&["problems", "validate", &folder, "--problem", "no_such"]);
    assert_eq!(output.status.code(), Some(2));
}
