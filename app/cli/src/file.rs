//! The two files of long work: a result that is written whole, and the record that grows until then.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// Replaces the file as a whole, so that a crash leaves the old one. `again` says what `--resume` then spares.
pub(crate) fn write_whole(path: &Path, text: &str, again: &str) -> Result<(), Failure> {
    replace(path, text.as_bytes()).map_err(|error| {
        let kept = format!("mend that, then the same command with --resume writes it without {again} again");
        Failure::infrastructure(format!("{}: {error}", path.display())).hint(kept)
    })
}

/// Replaces the file as a whole: whenever the machine stops, the old one or the new one is there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, ".new");
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        // A rename that is on the disk before its contents would be an empty file after a loss of power.
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&new, path)).inspect_err(|_| {
        // Half a file would only take up room.
        let _ = std::fs::remove_file(&new);
    })
}

/// The file whose name has this ending more.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    path.with_file_name(name)
}

/// What a record is of, for messages.
pub(crate) struct RecordOf {
    /// Such as `an evaluation`.
    pub(crate) what: &'static str,
    /// The command that writes it.
    pub(crate) writer: &'static str,
}

/// An open record beside the result's file: a header, then one JSON line for each fact.
pub(crate) struct Lines {
    path: PathBuf,
    file: File,
}

impl Lines {
    /// Starts a record, or with `resume` shows `see` every whole line of the one there (path, number from 1, bytes; the
    /// first is its header) and goes on with it.
    pub(crate) fn open(
        out: &Path,
        of: &RecordOf,
        header: &impl Serialize,
        resume: bool,
        see: impl FnMut(&Path, usize, &[u8]) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let path = beside(out, ".partial");
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        if resume && path.is_file() {
            let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
            lock(&file, &path, of)?;
            let whole_bytes = load(&path, see)?;
            // A line cut short by a crash goes, so that the next one begins on its own.
            file.set_len(whole_bytes).map_err(failed)?;
            return Ok(Self { path, file });
        }
        if path.is_file() {
            let message = format!("{} is the record of {} that was interrupted", path.display(), of.what);
            return Err(Failure::usage(message).hint("go on with it by --resume, or delete it to start again"));
        }
        let file = File::create_new(&path).map_err(failed)?;
        lock(&file, &path, of)?;
        let mut lines = Self { path: path.clone(), file };
        lines.append(header).map_err(failed)?;
        Ok(lines)
    }

    /// Appends a line; it is with the system when this returns.
    pub(crate) fn append(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Removes the record of complete work.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        let path = self.path;
        std::fs::remove_file(&path).map_err(|error| Failure::infrastructure(format!("{}: {error}", path.display())))
    }
}

/// The value of line `number` of a record.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, number: usize, line: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(line).map_err(|error| bad(path, number, &error))
}

fn bad(path: &Path, line: usize, message: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!("{}, line {line}: {message}", path.display())).hint("delete it to start again")
}

/// One process writes a record at a time.
fn lock(file: &File, path: &Path, of: &RecordOf) -> Result<(), Failure> {
    lock_or(file, || {
        let message = format!("{}: another `{}` is writing it", path.display(), of.writer);
        Failure::usage(message).hint("let it finish, or choose another --out")
    })
}

/// Locks a file, unless another process holds it; the lock goes with the process, however it ends.
pub(crate) fn lock_or(file: &File, held: impl FnOnce() -> Failure) -> Result<(), Failure> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(held()),
        // A file system without locks is no reason to refuse.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Shows every whole line; gives their bytes.
fn load(path: &Path, mut see: impl FnMut(&Path, usize, &[u8]) -> Result<(), Failure>) -> Result<u64, Failure> {
    let bytes = whole_lines(path, |number, line| see(path, number, line).map(|()| true))?;
    if bytes == 0 { Err(bad(path, 1, &"it is empty")) } else { Ok(bytes) }
}

/// Shows whole lines with their numbers from 1 as long as they are wanted; gives the bytes of those that were. A line cut
/// short by a crash is none.
pub(crate) fn whole_lines(
    path: &Path,
    mut wanted: impl FnMut(usize, &[u8]) -> Result<bool, Failure>,
) -> Result<u64, Failure> {
    let mut reader = BufReader::new(File::open(path).map_err(|error| bad(path, 0, &error))?);
    let mut bytes = 0;
    for number in 1.. {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).map_err(|error| bad(path, number, &error))?;
        if line.last() != Some(&b'\n') || !wanted(number, &line)? {
            break;
        }
        bytes += line.len() as u64;
    }
    Ok(bytes)
}
