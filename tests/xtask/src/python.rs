//! Python packages for tests that drive the command by other people's clients.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Failure, run, step};
use crate::tools;

const HINT: &str = "install Python 3.10 or later with its `venv` module, and check the network";

/// The interpreter of a virtual environment that holds what `requirements` names; made again when that file changes.
pub(crate) fn ensure(name: &str, requirements: &Path) -> Result<PathBuf, Failure> {
    let folder = tools::cache().join("python").join(name);
    let (interpreter, stamp) = (folder.join("bin/python"), folder.join("requirements.txt"));
    let read = |path: &Path| std::fs::read(path).ok();
    if interpreter.is_file() && read(&stamp).is_some() && read(&stamp) == read(requirements) {
        return Ok(interpreter);
    }
    step(&format!("install the Python packages of {}", requirements.display()), || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), HINT)?;
        let mut pip = Command::new(&interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
        run(&mut pip, HINT)?;
        // Last, so that an installation that broke off is made again.
        std::fs::copy(requirements, &stamp)
            .map_err(|error| Failure::new(format!("{}: {error}", stamp.display()), "make the cache folder writable"))
    })?;
    Ok(interpreter)
}
