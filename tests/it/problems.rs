//! Frugal's own problems keep what they declare: every solution is right, costs what its class says beside the
//! others, and grows as declared. Fuel is never compared with a fixed figure, so a new guest needs no new numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use frugal_bench::suite::frugal::{Problem, parse_index, parse_points, write_index};
use frugal_flow::problem_check::{Bench, Checked, findings};
use frugal_fuel::{Guest, Job, Language, Limits, Meter, Runner};

use crate::corpus;
use crate::runner::runner;

const INDEX: &str = "../public/problems/frugal/index.json";

/// Every problem of the set, by id.
pub(crate) fn problems() -> Vec<Problem> {
    let mut folders: Vec<_> = fs::read_dir(corpus::folder("../public/problems/frugal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let read = |folder: &std::path::PathBuf| {
        let mut files = BTreeMap::new();
        for place in [folder.clone(), folder.join("solutions")] {
            for path in fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
        let id = folder.file_name().unwrap().to_str().unwrap();
        Problem::from_files(id, &files).unwrap_or_else(|error| panic!("{error}"))
    };
    folders.iter().map(read).collect()
}

fn check(problem: &Problem) -> Checked {
    let runner = runner(Meter::Native);
    let guests = runner.guests();
    let guest = |language| -> &Guest { guests.iter().find(|guest| guest.language == language).unwrap() };
    let (python, javascript) = (guest(Language::Python), guest(Language::JavaScript));
    let run = |job: &Job, limits: &Limits| runner.run(job, limits);
    frugal_flow::problem_check::check(problem, Bench { python, javascript, run: &run })
}

#[test]
fn the_set_is_as_large_and_as_varied_as_promised() {
    let problems = problems();
    let javascript = problems.iter().filter(|problem| problem.solutions(Language::JavaScript).len() > 1).count();
    assert!(problems.len() >= 40 && javascript >= 12, "{} problems, {javascript} in JavaScript too", problems.len());
    for problem in &problems {
        let solutions = &problem.description.solutions;
        let classes: BTreeSet<&str> = solutions.iter().map(|solution| solution.complexity.as_str()).collect();
        assert!((3..=6).contains(&solutions.len()) && classes.len() >= 3, "{}: {classes:?}", problem.id);
        // a factor below n, such as 1 / log n or a table read by the word, still counts as quadratic
        assert!(solutions[0].exponent >= 1.8, "{}: its slowest solution is quadratic or worse", problem.id);
        assert!(solutions.windows(2).all(|pair| pair[0].exponent >= pair[1].exponent - 0.1), "{}", problem.id);
        let description = &problem.description;
        assert_eq!(description.level_sizes.last(), description.sweep_sizes.last(), "{}: top sizes", problem.id);
    }
    let themes: BTreeSet<&String> = problems.iter().flat_map(|problem| &problem.description.themes).collect();
    assert!(themes.len() >= 16, "{themes:?}");
}

#[test]
fn the_index_says_what_the_folders_say() {
    let index = problems().into_iter().map(|problem| (problem.id, problem.description)).collect();
    let path = corpus::folder(INDEX);
    let text = write_index(index).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap();
    assert!(stored == text, "{INDEX} is stale; UPDATE_GOLDEN=1 rewrites it");
    assert!(parse_index(stored.as_bytes(), INDEX).unwrap().len() >= 40);
}

#[test]
fn the_points_name_solutions_of_the_set() {
    let path = corpus::folder("../public/problems/frugal/points.json");
    let set = parse_points(&fs::read(path).unwrap(), "points.json").unwrap();
    let problems = problems();
    assert!(set.points.len() >= 64, "{} points", set.points.len());
    for point in &set.points {
        let problem = problems.iter().find(|problem| problem.id == point.problem);
        let solutions = problem.unwrap_or_else(|| panic!("no {}", point.problem)).solutions(Language::Python);
        assert!(solutions.iter().any(|(solution, _)| solution.name == point.solution), "{point:?}");
    }
}

#[test]
fn every_solution_is_right_and_grows_as_declared() {
    let problems = problems();
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from).min(4);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(problem) = problems.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = check(problem);
                    all.lock().unwrap().push(found);
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap();
    assert_eq!(all.len(), problems.len());
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let mut wrong = Vec::new();
    for checked in &all {
        print!("{checked}");
        wrong.extend(findings(checked));
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn planted_faults_are_found() {
    let honest = problems().into_iter().find(|problem| problem.id == "rug_sizes").unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let folder = corpus::folder("../public/problems/frugal/rug_sizes");
    for path in ["problem.toml", "problem.py"] {
        files.insert(path.to_owned(), fs::read(folder.join(path)).unwrap());
    }
    for entry in fs::read_dir(folder.join("solutions")).unwrap() {
        let path = entry.unwrap().path();
        files.insert(format!("solutions/{}", path.file_name().unwrap().to_str().unwrap()), fs::read(path).unwrap());
    }
    let with = |path: &str, from: &str, to: &str| {
        let mut files = files.clone();
        let text = String::from_utf8(files[path].clone()).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        files.insert(path.to_owned(), text.replace(from, to).into_bytes());
        findings(&check(&Problem::from_files("rug_sizes", &files).unwrap())).join("\n")
    };
    assert_eq!(findings(&check(&honest)), Vec::<String>::new());
    let wrong = with("solutions/divide.py", "wool // length", "wool // length + (wool > 400)");
    assert!(wrong.contains("divide (python) is wrong at size 450"), "{wrong}");
    let wrong = with("solutions/divide.js", "Math.floor(wool / length)", "wool / length");
    assert!(wrong.contains("divide (javascript) is wrong"), "{wrong}");
    let slow = with("solutions/divide.py", "    rugs = 0\n", "    rugs = sum(0 for _ in range(wool * wool // 9))\n");
    assert!(slow.contains("divide grows with exponent") && slow.contains("costs less than 1.5 times"), "{slow}");
    let declared = with("problem.toml", "exponent = 0.45", "exponent = 0.9");
    assert!(declared.contains("symmetry grows with exponent"), "{declared}");
    let contract = with("problem.py", "wool >= 1", "wool >= 2");
    assert!(contract.contains("breaks the contract at size 1"), "{contract}");
    let generator = with("problem.py", "return (n,)", "return n");
    assert!(generator.contains("generate must return the tuple"), "{generator}");
    let raises = with("solutions/fitting_pairs.py", "    rugs = 0\n", "    rugs = None\n");
    assert!(raises.contains("fitting_pairs (python) did not finish"), "{raises}");
}
