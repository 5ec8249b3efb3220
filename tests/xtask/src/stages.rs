//! `cargo xtask test`: the stages, cheapest first, and what they count.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::run::{Failure, cargo, run, stream};
use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{advisories, browser, libtest, npm, page, python, random, tools, vulkan};

/// Which stages run.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Run only these stages.
    #[arg(long, value_name = "STAGE")]
    only: Vec<String>,
    /// Leave these stages out.
    #[arg(long, value_name = "STAGE")]
    skip: Vec<String>,
    /// Stop after the first stage that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Name the stages and stop.
    #[arg(long)]
    list: bool,
}

/// One stage: counts what it checks, or says why it could not.
struct Stage {
    name: &'static str,
    about: &'static str,
    exists: fn(&Workspace) -> bool,
    work: fn(&Workspace, &mut Tally) -> Result<(), Failure>,
}

const STAGES: [Stage; 12] = [
    Stage { name: "format", about: "cargo fmt --check", exists: |_| true, work: format },
    Stage { name: "tidy", about: "layers, sizes, words, licences, sources", exists: |_| true, work: tidy },
    Stage { name: "advisories", about: "known faults of dependencies", exists: |_| true, work: advisories },
    Stage { name: "clippy", about: "lints, native", exists: |_| true, work: clippy_native },
    Stage { name: "clippy-wasm", about: "lints, wasm32", exists: |_| true, work: clippy_wasm },
    Stage { name: "rust", about: "unit, integration and documentation tests", exists: |_| true, work: rust_tests },
    Stage { name: "gpu", about: "kernels on every Vulkan driver", exists: |w| w.has("frugal-gpu"), work: gpu_tests },
    Stage { name: "vectors", about: "golden vectors", exists: |w| w.has("frugal-tests"), work: vectors },
    Stage {
        name: "api",
        about: "the official client of OpenAI against `frugal serve`",
        exists: |w| w.holds("tests/api"),
        work: api,
    },
    // Published benchmark files are no part of the project: without them there is nothing to check.
    Stage {
        name: "data",
        about: "published benchmarks, where FRUGAL_DATA names their folder",
        exists: |_| std::env::var_os("FRUGAL_DATA").is_some(),
        work: real_data,
    },
    Stage { name: "page", about: "the page and its weight", exists: |w| w.has("frugal-web"), work: page_build },
    Stage {
        name: "browser",
        about: "specs in Chromium",
        exists: |w| w.holds("tests/browser/package.json"),
        work: browser_specs,
    },
];

/// Runs the chosen stages; the exit code is 1 when anything failed.
pub(crate) fn test(workspace: &Workspace, selection: &Selection) -> Result<ExitCode, Failure> {
    let chosen = choose(workspace, selection)?;
    if selection.list {
        for stage in chosen {
            println!("{:<12} {}", stage.name, stage.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    tools::ensure_targets()?;
    let mut all = Tally::default();
    let mut rows = Vec::new();
    for stage in chosen {
        let (tally, time) = run_stage(stage, workspace);
        let failed = tally.failed > 0;
        rows.push((stage.name, time, tally.line()));
        all.add(tally);
        if failed && selection.fail_fast {
            break;
        }
    }
    println!("\nstage        minutes  counted");
    for (name, time, line) in &rows {
        println!("{name:<12} {:>7.2}  {line}", time.as_secs_f64() / 60.0);
    }
    for skip in &all.skips {
        println!("skipped: {skip}");
    }
    println!("{}", all.line());
    Ok(if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn choose(workspace: &Workspace, selection: &Selection) -> Result<Vec<&'static Stage>, Failure> {
    let names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
    for name in selection.only.iter().chain(&selection.skip) {
        if !names.contains(&name.as_str()) {
            return Err(Failure::new(format!("no stage `{name}`"), format!("the stages are {}", names.join(", "))));
        }
    }
    let wanted = |name: &str| {
        let listed = |list: &[String]| list.iter().any(|entry| entry == name);
        (selection.only.is_empty() || listed(&selection.only)) && !listed(&selection.skip)
    };
    Ok(STAGES.iter().filter(|stage| wanted(stage.name) && (stage.exists)(workspace)).collect())
}

/// A stage that breaks before it counts anything is one failure, not none.
fn run_stage(stage: &Stage, workspace: &Workspace) -> (Tally, Duration) {
    println!("\n==> {}: {}", stage.name, stage.about);
    let start = Instant::now();
    let mut tally = Tally::default();
    if let Err(failure) = (stage.work)(workspace, &mut tally) {
        eprintln!("{failure}");
        tally.failed = tally.failed.max(1);
    }
    (tally, start.elapsed())
}

/// A command that is one check.
fn check(workspace: &Workspace, command: &mut Command, hint: &str, tally: &mut Tally) -> Result<(), Failure> {
    run(command.current_dir(&workspace.root), hint)?;
    tally.passed += 1;
    Ok(())
}

fn format(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    check(workspace, cargo().args(["fmt", "--all", "--check"]), "run `cargo fmt --all`", tally)
}

fn tidy(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut tests = cargo();
    tests.args(["test", "--package", "frugal-tidy", "--no-fail-fast"]).current_dir(&workspace.root);
    stream(&mut tests, "each failure above names the file and what to mend", |line| libtest::see_rust(line, tally))
}

/// The database of advisories is no part of the project; where it cannot be reached, that is a skip.
fn advisories(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let Some(database) = advisories::fetch() else {
        tally.skips.push("advisories: the advisory database cannot be reached from here".into());
        return Ok(());
    };
    let mut judge = cargo();
    judge.args(["run", "--quiet", "--package", "frugal-tidy", "--bin", "advisories", "--"]).arg(database);
    check(workspace, &mut judge, "raise the crate, or record the advisory in deny.toml with a reason", tally)
}

fn clippy_native(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--all-targets", "--", "-D", "warnings"]);
    check(workspace, &mut clippy, "mend the warnings above", tally)
}

fn clippy_wasm(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--target", "wasm32-unknown-unknown"]);
    for package in workspace.wasm_packages() {
        clippy.args(["--package", package]);
    }
    clippy.args(["--", "-D", "warnings"]);
    check(workspace, &mut clippy, "mend the warnings above", tally)
}

/// Builds every native binary and test, so that later stages find them.
fn build_all(workspace: &Workspace) -> Result<(), Failure> {
    let mut build = cargo();
    build.args(["build", "--all-targets"]).current_dir(&workspace.root);
    run(&mut build, "the lines above name the file; a C compiler is needed for SQLite")
}

fn rust_tests(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    build_all(workspace)?;
    let mut tests = cargo();
    // Published data and GPUs have stages of their own.
    tests.args(["test", "--no-fail-fast", "--", "--skip", "real_data::", "--skip", "adapter::"]);
    tests.env("FRUGAL_BIN", workspace.binaries.join("frugal")).current_dir(&workspace.root);
    // The same run writes the random modules that Chromium replays later.
    tests.env(random::FOLDER_VARIABLE, random::empty_folder(workspace)?);
    stream(&mut tests, "`cargo test NAME` runs one test again", |line| libtest::see_rust(line, tally))
}

fn real_data(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    build_all(workspace)?;
    let mut tests = cargo();
    tests.args(["test", "--no-fail-fast", "--test", "it", "--", "--ignored", "real_data::"]);
    tests.env("FRUGAL_BIN", workspace.binaries.join("frugal")).current_dir(&workspace.root);
    stream(&mut tests, "FRUGAL_DATA must name a folder that holds `enamel` and `coffe`", |line| {
        libtest::see_rust(line, tally)
    })
}

/// Without a driver there is nothing to run on: a failure in CI, where Chromium brings one, and elsewhere a skip.
fn gpu_tests(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut tests = cargo();
    match vulkan::lend(&mut tests) {
        Err(failure) if std::env::var_os("CI").is_none() => {
            tally.skips.push(format!("gpu: {failure}").replace('\n', "; "));
            return Ok(());
        }
        result => result?,
    }
    build_all(workspace)?;
    tests.args(["test", "--no-fail-fast", "--lib", "--tests", "--", "--ignored", "adapter::"]);
    tests.current_dir(&workspace.root);
    stream(&mut tests, "VK_DRIVER_FILES=FILE chooses one driver", |line| libtest::see_rust(line, tally))
}

fn vectors(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    build_all(workspace)?;
    let mut vectors = Command::new(workspace.binaries.join("vectors"));
    match vulkan::lend(&mut vectors) {
        Err(failure) if std::env::var_os("CI").is_none() => {
            tally.skips.push(format!("vectors on a GPU: {failure}").replace('\n', "; "));
        }
        result => {
            result?;
            vectors.arg("--adapters");
        }
    }
    vectors
        .args([
            "--strict",
            "tests/vectors/code_efficiency",
            "tests/vectors/efficient_inference",
            "tests/vectors/alignment",
        ])
        .current_dir(&workspace.root);
    stream(&mut vectors, "each line above names the file and the value", |line| libtest::see_vectors(line, tally))
}

/// Without Python or its packages this is a failure in CI, and elsewhere a skip.
fn api(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let folder = workspace.root.join("tests/api");
    let python = match python::ensure("api", &folder.join("requirements.txt")) {
        Ok(python) => python,
        Err(failure) if std::env::var_os("CI").is_none() => {
            tally.skips.push(format!("api: {failure}").replace('\n', "; "));
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    build_all(workspace)?;
    let mut client = Command::new(python);
    client.arg(folder.join("openai_client.py")).arg(workspace.binaries.join("frugal"));
    client.arg(workspace.root.join("tests/vectors/parity/gpt2"));
    stream(&mut client, "each failure above names what the client asked for", |line| libtest::see_rust(line, tally))
}

fn page_build(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    tools::ensure_tools()?;
    npm::ensure(workspace)?;
    page::build(workspace)?;
    tally.add(page::weigh(workspace)?);
    Ok(())
}

/// A missing Chromium is a failure in CI, and elsewhere a skip that says what to install.
fn browser_specs(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let chromium = match browser::ensure_chromium() {
        Ok(path) => path,
        Err(failure) if std::env::var_os("CI").is_none() => {
            tally.skips.push(format!("browser: {failure}").replace('\n', "; "));
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    npm::ensure(workspace)?;
    tools::ensure_tools()?;
    page::ensure(workspace)?;
    build_all(workspace)?;
    ensure_random_modules(workspace)?;
    let mut specs = Command::new("npx");
    specs.args(["playwright", "test", "--reporter=list"]).current_dir(workspace.root.join("tests/browser"));
    specs.env("CHROMIUM_PATH", chromium).env("FRUGAL_BIN", workspace.binaries.join("frugal"));
    specs.env("FRUGAL_DIST", workspace.root.join("dist")).env(random::FOLDER_VARIABLE, random::folder(workspace));
    stream(&mut specs, "tests/browser/results holds a trace of each failure", |line| {
        libtest::see_playwright(line, tally);
    })
}

/// Writes the random modules unless the Rust tests have written them by this meter.
fn ensure_random_modules(workspace: &Workspace) -> Result<(), Failure> {
    if random::is_fresh(workspace) {
        return Ok(());
    }
    let mut test = cargo();
    test.args(["test", "--test", "random"]).current_dir(&workspace.root);
    test.env(random::FOLDER_VARIABLE, random::empty_folder(workspace)?);
    run(&mut test, "`cargo test -p frugal-instrument --test random` runs it again")
}
