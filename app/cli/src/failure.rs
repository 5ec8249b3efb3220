//! Why the command ends early.

use std::fmt::Display;
use std::process::ExitCode;

/// Bad usage or input.
pub(crate) const USAGE: u8 = 2;
/// The machinery failed.
pub(crate) const INFRASTRUCTURE: u8 = 3;
/// Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// A message, what to mend, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// The caller's to mend.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, code: USAGE }
    }

    /// The machine's fault.
    pub(crate) fn infrastructure(message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, code: INFRASTRUCTURE }
    }

    /// Ctrl-C came before there was anything to keep.
    pub(crate) fn interrupted() -> Self {
        Self { message: "interrupted".to_owned(), hint: None, code: INTERRUPTED }
    }

    /// The same with a hint.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// In one line: what, and what to mend.
    pub(crate) fn sentence(&self) -> String {
        let hint = self.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
        format!("{}{hint}", self.message)
    }

    /// Prints it to standard error.
    pub(crate) fn report(self) -> ExitCode {
        say(format_args!("error: {}", frugal_report::printable(&self.message)));
        if let Some(hint) = self.hint {
            say(format_args!("hint: {hint}"));
        }
        ExitCode::from(self.code)
    }
}

/// Reads a file that the caller named.
pub(crate) fn read(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// Opens a file that the caller named, to be read as its bytes come.
pub(crate) fn open(path: &std::path::Path) -> Result<std::fs::File, Failure> {
    std::fs::File::open(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// Says a line on standard error. `eprintln!` would end the command where nobody reads that any more, as after
/// `2>&1 | head -1`.
pub(crate) fn say(line: impl Display) {
    say_raw(&format!("{line}\n"));
}

/// The same without a line's end.
pub(crate) fn say_raw(text: &str) {
    use std::io::Write;
    // Nothing is left to tell it to.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes data to standard output; a closed pipe is the reader's choice, not a failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::infrastructure(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
