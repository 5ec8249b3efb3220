//! Child processes and timed steps.

use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The `PATH` of children, once a tool was installed in a folder that the shell does not search.
static CHILD_PATH: Mutex<Option<OsString>> = Mutex::new(None);

/// A step that did not end well: what happened and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: String,
}

impl Failure {
    /// `what` says which step failed and how; `hint` says what the person can do.
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        if !self.hint.is_empty() {
            write!(f, "\nhint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Says what begins, does it, and says how long it took.
pub(crate) fn step<T>(title: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    println!("==> {title}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    match &result {
        Ok(_) => println!("    done in {seconds:.1} s"),
        Err(_) => println!("    failed after {seconds:.1} s"),
    }
    result
}

/// Runs `command` with its output on the terminal.
pub(crate) fn run(command: &mut Command, hint: &str) -> Result<(), Failure> {
    let line = shown(command);
    println!("    $ {line}");
    let status = child(command).status().map_err(|error| not_started(&line, &error, hint))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{line}` ended with {status}"), hint)) }
}

/// Becomes `command` where the system can, so that its signals are its own; otherwise runs it to its end.
pub(crate) fn become_command(command: &mut Command, hint: &str) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let line = shown(command);
        println!("    $ {line}");
        let error = child(command).exec();
        Err(not_started(&line, &error, hint))
    }
    #[cfg(not(unix))]
    run(command, hint)
}

/// Runs `command`, prints each line of its standard output as it comes, and hands it to `see`.
pub(crate) fn stream(command: &mut Command, hint: &str, mut see: impl FnMut(&str)) -> Result<(), Failure> {
    let line = shown(command);
    println!("    $ {line}");
    let mut process =
        child(command).stdout(Stdio::piped()).spawn().map_err(|error| not_started(&line, &error, hint))?;
    if let Some(stdout) = process.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            println!("{text}");
            see(text);
            bytes.clear();
        }
    }
    let status = process.wait().map_err(|error| not_started(&line, &error, hint))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{line}` ended with {status}"), hint)) }
}

/// Standard output of `command`, or `None` where it cannot start or fails.
pub(crate) fn capture(command: &mut Command) -> Option<String> {
    let output = child(command).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The cargo that started this program, so that one toolchain builds everything.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Puts `folder` first on the `PATH` of every later child.
pub(crate) fn put_on_path(folder: &Path) {
    let mut path = CHILD_PATH.lock().unwrap_or_else(PoisonError::into_inner);
    let old = path.clone().or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&old));
    *path = Some(std::env::join_paths(folders).unwrap_or(old));
}

/// `cargo run` tells this program about its own package; a child must not take that for its own.
fn child(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let own = name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"));
        if own {
            command.env_remove(name);
        }
    }
    if let Some(path) = CHILD_PATH.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        command.env("PATH", path);
    }
    command
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    std::iter::once(name)
        .chain(command.get_args().map(|argument| argument.to_string_lossy().into_owned()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(line: &str, error: &std::io::Error, hint: &str) -> Failure {
    Failure::new(format!("`{line}` could not run: {error}"), hint)
}
