//! The readers of COFFE's and EvalPerf's files: on small problems of our own, and on the real files in
//! `real_data`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use frugal_bench::suite::coffe::{self, Files, NotExtracted, Predictions, Problem};
use frugal_bench::suite::evalperf::{self, BriefResults};
use frugal_score::dps::{TaskDps, model_dps};

fn small(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(folder)
}

fn coffe_problems(folder: &Path) -> Vec<Problem> {
    let read = |name: &str| fs::read(folder.join("function").join(name)).unwrap();
    let (data, testcases, stressful_testcases) =
        (read("data.json"), read("testcases.json"), read("stressful_testcases.json"));
    let (best_solutions, solutions, prompts) =
        (read("best_solutions.json"), read("solutions.json"), read("prompts.json"));
    let files = Files {
        data: &data,
        testcases: &testcases,
        stressful_testcases: &stressful_testcases,
        best_solutions: &best_solutions,
        solutions: Some(&solutions),
        prompts: Some(&prompts),
    };
    coffe::parse_problems(files, "function").unwrap()
}

fn predictions(file: &Path, problems: &[Problem]) -> Predictions {
    coffe::read_predictions(fs::File::open(file).unwrap(), &file.display().to_string(), problems).unwrap()
}

/// How many answers give a program, and how many do not, by reason.
fn extracted(predictions: &Predictions, problems: &[Problem]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (problem, answers) in problems.iter().zip(&predictions.by_problem) {
        for answer in answers {
            let kind = match answer.source(problem) {
                Ok(_) => "program",
                Err(NotExtracted::NoCode) => "no code",
                Err(NotExtracted::NoEntryPoint) => "no entry point",
            };
            *counts.entry(kind).or_default() += 1;
        }
    }
    counts
}

#[test]
fn small_coffe_files_are_read() {
    let folder = small("coffe-small");
    let problems = coffe_problems(&folder);
    assert_eq!(problems.len(), 6);
    let object = predictions(&folder.join("predictions.json"), &problems);
    assert_eq!(object.foreign_prompts, 1);
    assert_eq!(predictions(&folder.join("predictions.jsonl"), &problems).by_problem, object.by_problem);
    let counts = extracted(&object, &problems);
    assert_eq!(counts, BTreeMap::from([("program", 10), ("no code", 1), ("no entry point", 1)]));
}

#[test]
fn small_evalperf_files_are_read() {
    let folder = small("evalperf-small");
    let tasks = |name: &str| -> Vec<evalperf::Task> {
        evalperf::parse_tasks(&fs::read(folder.join(name)).unwrap(), name).unwrap()
    };
    let plain = tasks("tasks.jsonl");
    assert_eq!(plain, tasks("tasks.jsonl.gz"));
    let names: Vec<_> = plain.iter().map(|task| task.entry_point.as_deref().unwrap()).collect();
    assert_eq!(names, ["has_duplicate", "fibonacci", "is_mirrored"]);
    let samples =
        evalperf::read_samples(fs::File::open(folder.join("samples.jsonl")).unwrap(), "samples.jsonl").unwrap();
    assert!(samples.iter().zip(&plain).all(|((id, samples), task)| *id == task.task_id && samples.len() == 3));
    summary_follows_from_tasks(&brief(&folder.join("model_evalperf_results.brief.json")));
}

fn brief(path: &Path) -> BriefResults {
    evalperf::parse_brief_results(&fs::read(path).unwrap(), &path.display().to_string()).unwrap()
}

fn summary_follows_from_tasks(results: &BriefResults) {
    let task = |(_, task): &(String, evalperf::BriefTask)| TaskDps {
        dps: task.dps,
        dps_norm: task.dps_norm,
        pass_at_1_pct: task.pass_at_1_pct,
        profiled: task.profiled.len(),
    };
    let model = model_dps(&results.tasks.iter().map(task).collect::<Vec<_>>()).unwrap();
    let close = |got: Option<f64>, want: f64| assert!((got.unwrap() - want).abs() < 1e-9, "{got:?} {want}");
    close(model.dps, results.summary.dps);
    close(model.dps_norm, results.summary.dps_norm);
    close(Some(model.pass_at_1_pct), results.summary.pass_at_1_pct);
}

/// On the published files; see `crate::real_data`.
mod real_data {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let data = std::env::var_os("FRUGAL_DATA").expect("FRUGAL_DATA names the folder of benchmark files");
        PathBuf::from(data).join(name)
    }

    #[test]
    #[ignore = "needs FRUGAL_DATA"]
    fn coffe_files_are_read() {
        let folder = folder("coffe");
        let problems = coffe_problems(&folder);
        assert_eq!(problems.len(), 398);
        assert_eq!(problems.iter().map(|problem| problem.stressful_tests.len()).sum::<usize>(), 1986);
        assert_eq!(problems.iter().map(|problem| problem.tests.len()).sum::<usize>(), 2277);
        let from = |set: &str| problems.iter().filter(|problem| problem.dataset == set).count();
        assert_eq!((from("openai_humaneval"), from("mbpp")), (164, 234));
        let of = |model: &str| predictions(&folder.join("examples_function").join(model), &problems);
        let gpt = of("GPT-4o.json");
        assert_eq!(gpt.foreign_prompts, 23);
        // four replies define a function of another name
        assert_eq!(extracted(&gpt, &problems), BTreeMap::from([("program", 394), ("no entry point", 4)]));
        let llama = extracted(&of("Llama3.1_405B.json"), &problems);
        assert_eq!(llama.values().sum::<usize>(), 398);
        println!("Llama: {llama:?}");
    }

    #[test]
    #[ignore = "needs FRUGAL_DATA"]
    fn evalperf_results_are_read() {
        let folder = folder("evalperf");
        let mut profiled = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.display().to_string().ends_with(".brief.json") {
                continue;
            }
            let results = brief(&path);
            assert_eq!(results.tasks.len(), 118);
            profiled += results.tasks.iter().map(|(_, task)| task.profiled.len()).sum::<usize>();
            summary_follows_from_tasks(&results);
        }
        assert_eq!(profiled, 5769);
    }
}
