//! `cargo xtask bench`: the programs of `tests/bench`, by name.

use std::process::Command;

use crate::run::{Failure, cargo, run};
use crate::tools;
use crate::workspace::Workspace;

/// How a benchmark starts.
enum Start {
    /// A bench target of frugal-tests.
    Cargo,
    /// The package of the engine's benchmark.
    Engine,
    /// A script of `tests/bench` for Node.
    Node,
}

/// Name, as of its file in `tests/bench`; how it starts; what it prints.
const BENCHMARKS: [(&str, Start, &str); 9] = [
    ("guest_speed", Start::Cargo, "a warm Python `pass`, and evaluations a second, over starting native Python"),
    ("evaluations", Start::Cargo, "samples a second of whole evaluations, two workers over one, and the memory of two"),
    ("wasmtime_python", Start::Cargo, "the Python guest on wasmtime: with fuel over without"),
    ("wasmtime_rust", Start::Cargo, "a Rust program on wasmtime: with fuel, and woven-in meter, over without"),
    ("score_speed", Start::Cargo, "a million samples through each estimator, in milliseconds"),
    ("engine", Start::Engine, "tokens a second of random decoders, beside the read bandwidth of the same run"),
    ("peers", Start::Node, "our engine beside onnxruntime and llama.cpp, natively and in Chromium, against goals"),
    ("v8_python", Start::Node, "the Python guest in Node and Chromium: metered over plain"),
    ("v8_rust", Start::Node, "a Rust program in Node and Chromium: metered over plain"),
];

/// Names every benchmark.
pub(crate) fn list() {
    for (name, _, about) in &BENCHMARKS {
        println!("{name:<16} {about}");
    }
}

/// Runs the benchmarks `names`, or all.
pub(crate) fn bench(workspace: &Workspace, names: &[String]) -> Result<(), Failure> {
    let known: Vec<_> = BENCHMARKS.iter().map(|(name, ..)| *name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let hint = format!("the benchmarks are {}", known.join(", "));
        return Err(Failure::new(format!("no benchmark `{unknown}`"), hint));
    }
    tools::ensure_targets()?;
    for (name, start, about) in &BENCHMARKS {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        println!("\n==> {name}: {about}");
        let mut command = match start {
            Start::Cargo => {
                let mut command = cargo();
                // What is measured is mostly the engine's code, so the profile and the features that are built anyway will do.
                command.args(["bench", "--quiet", "--profile", "dev", "--bench", name]);
                command
            }
            Start::Engine => {
                let mut command = cargo();
                command.args(["run", "--quiet", "--release", "--package", "frugal-engine-bench"]);
                command
            }
            Start::Node => {
                if *name == "peers" {
                    tools::ensure_tools()?;
                }
                let mut command = Command::new("node");
                command.arg(format!("tests/bench/{name}.mjs"));
                command
            }
        };
        run(command.current_dir(&workspace.root), "the lines above say what is missing")?;
    }
    Ok(())
}
