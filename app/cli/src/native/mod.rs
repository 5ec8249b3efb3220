//! Instructions of a call in a native Python interpreter, counted by callgrind.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use frugal_report::NativeProvenance;
use serde::Serialize;

use crate::failure::Failure;

const SCRIPT: &str = include_str!("native.py");

/// An interpreter and its counter, both found to work.
pub(crate) struct Native {
    python: PathBuf,
    folder: Scratch,
    pub(crate) provenance: NativeProvenance,
}

/// One call. Arguments and expected answer are Python literals.
#[derive(Serialize)]
pub(crate) struct NativeCall<'a> {
    pub(crate) source: &'a str,
    pub(crate) entry: &'a str,
    pub(crate) arguments: &'a str,
    pub(crate) expected: &'a str,
}

/// A folder that goes when this does.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing depends on its going.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Native {
    /// Finds valgrind and the interpreter behind `python`, which may be a script that starts it.
    pub(crate) fn find(python: &Path) -> Result<Self, Failure> {
        let valgrind = Command::new("valgrind").arg("--version").output().map_err(|error| {
            Failure::usage(format!("valgrind: {error}")).hint("install it, such as by `apt-get install valgrind`")
        })?;
        let folder = std::env::temp_dir().join(format!("frugal-native-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::infrastructure(format!("{}: {error}", folder.display())))?;
        let folder = Scratch(folder);
        let script = folder.0.join("native.py");
        std::fs::write(&script, SCRIPT)
            .map_err(|error| Failure::infrastructure(format!("{}: {error}", script.display())))?;
        let said = clean(Command::new(python)).arg(&script).arg("version").output();
        let said = said.map_err(|error| {
            Failure::usage(format!("{}: {error}", python.display())).hint("name an interpreter with --python")
        })?;
        let said = text(&said.stdout);
        let lines: Vec<&str> = said.lines().collect();
        let [executable, interpreter, platform] = lines[..] else {
            return Err(Failure::usage(format!("{}: it is no Python 3", python.display())));
        };
        let provenance = NativeProvenance {
            interpreter: interpreter.to_owned(),
            counter: format!("callgrind of {}", text(&valgrind.stdout).trim()),
            platform: platform.to_owned(),
        };
        Ok(Self { python: PathBuf::from(executable), folder, provenance })
    }

    /// Instructions of one call: those of a process that makes it, less those of one that does not. The error is a
    /// sentence. `name` makes the scratch files' names and must be unique among calls at once.
    pub(crate) fn instructions(&self, name: &str, call: &NativeCall<'_>) -> Result<u64, String> {
        let [request, prepared] = ["json", "marshal"].map(|kind| self.folder.0.join(format!("{name}.{kind}")));
        let json = serde_json::to_vec(call).map_err(|error| error.to_string())?;
        std::fs::write(&request, json).map_err(|error| error.to_string())?;
        let script = self.folder.0.join("native.py");
        let mut prepare = clean(Command::new(&self.python));
        prepare.args(["-S", "-B"]).arg(&script).arg("prepare").arg(&request).arg(&prepared);
        finished(&prepare.output().map_err(|error| error.to_string())?)?;
        let count = |verb: &str| {
            let mut counted = clean(Command::new("valgrind"));
            counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(&self.python);
            counted.args(["-S", "-B"]).arg(&script).arg(verb).arg(&prepared);
            let output = counted.output().map_err(|error| error.to_string())?;
            collected(&finished(&output)?)
        };
        let (with, without) = (count("call")?, count("skip")?);
        for file in [request, prepared] {
            std::fs::remove_file(file).map_err(|error| error.to_string())?;
        }
        with.checked_sub(without).ok_or_else(|| format!("{with} instructions with the call, {without} without"))
    }
}

/// The command with a fixed environment: hashes and paths would otherwise differ from run to run.
fn clean(mut command: Command) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("PYTHONHASHSEED", "0").env("LC_ALL", "C.UTF-8");
    if let Some(home) = std::env::var_os("HOME") {
        command.env("HOME", home);
    }
    command
}

/// What a finished process said on standard error; the error is the last line of one that failed.
fn finished(output: &Output) -> Result<String, String> {
    let said = text(&output.stderr);
    if output.status.success() {
        return Ok(said);
    }
    let last = said.lines().rev().find(|line| !line.trim().is_empty() && !line.starts_with("=="));
    Err(format!("the native run ended with {}: {}", output.status, last.unwrap_or("no message")))
}

/// The count in callgrind's closing line `==123== Collected : 4567`.
fn collected(said: &str) -> Result<u64, String> {
    let mut counts = said.lines().filter_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    counts.next_back().ok_or_else(|| "callgrind said no count".to_owned())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::collected;

    #[test]
    fn the_closing_line_holds_the_count() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 123456\n==7==\n"), Ok(123_456));
        assert!(collected("==7== Collected : many").is_err());
    }
}
