//! The parent's side: starts the child, feeds it, and kills it at the cap.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use frugal_fuel::{Meter, Rejection, RunError};

use super::child::{REPLY_CODE, REPLY_INVALID, Request};
use super::{CompileCaps, CompileError, CompilerCommand, invalid};
use crate::CancelToken;

/// How often the parent looks at the child, the clock and the caller's token.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Threads that the child compiles with; more would spend its address space on their stacks.
const THREADS_MAX: usize = 4;
/// Numbers of the signals that tell of a passed cap (signal(7), alike on Linux and macOS).
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;
/// Standard error kept for the report, in bytes.
const STDERR_MAX_BYTES: u64 = 4_096;

/// How the child ended.
enum Ended {
    ByItself(ExitStatus),
    PastCap,
    Cancelled,
}

pub(super) fn compile(
    command: &CompilerCommand,
    caps: CompileCaps,
    meter: Meter,
    module: &[u8],
    cancel: &CancelToken,
) -> Result<Vec<u8>, CompileError> {
    let deadline = Instant::now() + caps.time;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let cpu_seconds = caps.time.as_secs().saturating_add(1).saturating_mul(threads as u64);
    let header = Request { meter, cpu_seconds, memory_bytes: caps.memory_bytes }.encode();
    let mut child = start(command, threads)?;
    let (ended, reply, complaint) = std::thread::scope(|scope| {
        let stdin = child.stdin.take();
        let stdout = child.stdout.take();
        let stderr = child.stderr.take();
        // A child that dies early closes its pipes; its status then tells more than a failed write.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(&header).and_then(|()| pipe.write_all(module))));
        let reply = scope.spawn(move || read_all(stdout, caps.memory_bytes));
        let complaint = scope.spawn(move || read_all(stderr, STDERR_MAX_BYTES));
        let ended = wait(&mut child, deadline, cancel);
        (ended, reply.join().unwrap_or_default(), complaint.join().unwrap_or_default())
    });
    let ended = ended.map_err(|error| failed(format!("cannot wait for it: {error}")))?;
    match ended {
        Ended::Cancelled => Err(RunError::Cancelled.into()),
        Ended::PastCap => Err(past_time_cap(caps)),
        Ended::ByItself(status) => read_reply(status, reply, &String::from_utf8_lossy(&complaint), caps),
    }
}

fn start(command: &CompilerCommand, threads: usize) -> Result<Child, CompileError> {
    Command::new(&command.program)
        .args(&command.args)
        .env_clear()
        // One arena and few threads keep the address space for the compiler's own data.
        .env("MALLOC_ARENA_MAX", "1")
        .env("RAYON_NUM_THREADS", threads.to_string())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot start {}: {error}", command.program.display())))
}

/// Reads a pipe to its end, keeping at most `most` bytes.
fn read_all(pipe: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        // What can be read before an error is all there is to judge.
        let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
        let _ = io::copy(&mut pipe, &mut io::sink());
    }
    kept
}

fn wait(child: &mut Child, deadline: Instant, cancel: &CancelToken) -> io::Result<Ended> {
    let early = loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::ByItself(status));
        }
        if cancel.is_cancelled() {
            break Ended::Cancelled;
        }
        if Instant::now() >= deadline {
            break Ended::PastCap;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    child.kill()?;
    child.wait()?;
    Ok(early)
}

fn read_reply(
    status: ExitStatus,
    mut reply: Vec<u8>,
    complaint: &str,
    caps: CompileCaps,
) -> Result<Vec<u8>, CompileError> {
    if status.success() && !reply.is_empty() {
        let body = reply.split_off(1);
        return match reply[0] {
            REPLY_CODE => Ok(body),
            REPLY_INVALID => Err(compiler_said(&String::from_utf8_lossy(&body), caps)),
            other => Err(failed(format!("it replied with unknown status {other}"))),
        };
    }
    if out_of_memory(complaint) {
        return Err(past_memory_cap(caps));
    }
    match status.signal() {
        Some(SIGXCPU) => Err(past_time_cap(caps)),
        // The kernel's own ways to say that a cap was passed: CPU time (hard) or memory.
        Some(SIGKILL) => Err(cap("memory or CPU time".into())),
        _ => Err(failed(format!("it ended with {status}: {}", complaint.trim()))),
    }
}

/// A refusal by the compiler; running out of address space reaches us as one, too.
fn compiler_said(message: &str, caps: CompileCaps) -> CompileError {
    if out_of_memory(message) {
        return past_memory_cap(caps);
    }
    CompileError::Rejected(invalid(message.to_owned()))
}

fn out_of_memory(message: &str) -> bool {
    ["memory allocation of", "Cannot allocate memory", "os error 12", "Resource temporarily unavailable"]
        .iter()
        .any(|sign| message.contains(sign))
}

fn past_time_cap(caps: CompileCaps) -> CompileError {
    cap(format!("{} ms", caps.time.as_millis()))
}

fn past_memory_cap(caps: CompileCaps) -> CompileError {
    cap(format!("{} MiB", caps.memory_bytes >> 20))
}

fn cap(what: String) -> CompileError {
    CompileError::Rejected(Rejection::CompileCap { what })
}

fn failed(message: String) -> CompileError {
    RunError::Compiler { message }.into()
}
