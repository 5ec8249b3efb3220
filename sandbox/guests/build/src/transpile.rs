//! Splits a component into core modules and the script that links them, with jco.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Error;

/// The version of jco's transpiler that `package.json` pins; part of the cache key.
pub(crate) const JCO_VERSION: &str = "0.15.0";

/// Core modules by the names that the script asks for, and the script.
pub(crate) struct Split {
    pub(crate) modules: Vec<(String, Vec<u8>)>,
    pub(crate) script: Vec<u8>,
}

/// Runs jco on a component; `tools` is the folder with its `package.json`.
pub(crate) fn split(component: &[u8], tools: &Path) -> Result<Split, Error> {
    install(tools)?;
    let work = tempfile::tempdir().map_err(Error::file(std::env::temp_dir()))?;
    let input = work.path().join("guest.wasm");
    let output = work.path().join("split");
    fs::write(&input, component).map_err(Error::file(&input))?;
    let mut command = Command::new("node");
    command.arg(tools.join("split.mjs")).arg(&input).arg(&output);
    run("jco", &mut command, "check that Node 20 is installed, then remove sandbox/guests/npm/node_modules")?;
    read(&output)
}

fn read(folder: &Path) -> Result<Split, Error> {
    let mut modules = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.ends_with(".wasm") {
            modules.push((name, fs::read(&path).map_err(Error::file(&path))?));
        }
    }
    modules.sort();
    let script = folder.join("g.js");
    Ok(Split { modules, script: fs::read(&script).map_err(Error::file(&script))? })
}

/// Installs jco's transpiler by its lockfile where it is missing.
fn install(tools: &Path) -> Result<(), Error> {
    if !tools.join("node_modules/@bytecodealliance/jco-transpile").is_dir() {
        let mut command = Command::new("npm");
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(tools);
        run("npm ci", &mut command, "check that npm reaches its registry")?;
    }
    Ok(())
}

fn run(tool: &'static str, command: &mut Command, mend: &'static str) -> Result<(), Error> {
    let failed = |message| Error::Tool { tool, message, mend };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = words.lines().rev().take(5).collect();
    Err(failed(format!("{}: {}", output.status, last.into_iter().rev().collect::<Vec<_>>().join(" / "))))
}
