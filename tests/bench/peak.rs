//! The most memory that a process had.

use std::io::{Error, Read, Result};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// How often the system is asked.
const STEP: Duration = Duration::from_millis(10);

/// What a process said, and the most that it held.
pub(crate) struct Watched {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// Most resident bytes, its children not counted; `None` where the system does not say (it is read from
    /// `/proc/PID/status`, which Linux has).
    pub(crate) peak_bytes: Option<u64>,
}

/// Runs a command to its end.
///
/// The system keeps the most itself, so that only what is added after the last look can be missed.
///
/// # Errors
/// When it cannot be started or its output cannot be read.
pub(crate) fn run(command: &mut Command) -> Result<Watched> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let read = |mut pipe: Box<dyn Read + Send>| {
        spawn(move || -> Result<Vec<u8>> {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    };
    let closed = || Error::other("a pipe is missing");
    let stdout = read(Box::new(child.stdout.take().ok_or_else(closed)?));
    let stderr = read(Box::new(child.stderr.take().ok_or_else(closed)?));
    let mut peak_bytes = None;
    let status = loop {
        peak_bytes = peak_bytes.max(most_resident_bytes(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        sleep(STEP);
    };
    let text = |reader: std::thread::JoinHandle<Result<Vec<u8>>>| reader.join().map_err(|_| closed())?;
    Ok(Watched { status, stdout: text(stdout)?, stderr: text(stderr)?, peak_bytes })
}

fn most_resident_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}
