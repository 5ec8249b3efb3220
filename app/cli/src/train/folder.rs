//! The folder of a training run.
//!
//! `manifest.json` and `checkpoint.bin` are replaced as a whole; `metrics.jsonl` and the event files grow. A run that was
//! killed goes on from its checkpoint, and lines of steps after it, which will be done again, go.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use frugal_report::TrainingEvent;

use super::events::EventWriter;
use crate::failure::Failure;
use crate::file::{lock_or, parse, replace, whole_lines};

const CHECKPOINT: &str = "checkpoint.bin";
const METRICS: &str = "metrics.jsonl";

/// An open folder, which no other process writes meanwhile.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    // The lock goes with the process, however it ends.
    _lock: File,
}

impl RunFolder {
    /// Opens a folder, made when it is missing; with `resume` it must hold a checkpoint, without it must hold none.
    pub(crate) fn open(path: &Path, resume: bool) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        let present = path.join(CHECKPOINT).is_file();
        if resume && !present {
            let message = format!("{} holds no checkpoint to go on from", path.display());
            return Err(Failure::usage(message).hint("start the run without --resume"));
        }
        if !resume && present {
            let message = format!("{} holds a run already", path.display());
            return Err(Failure::usage(message).hint("go on with it by --resume, or choose another --out"));
        }
        std::fs::create_dir_all(path).map_err(failed)?;
        let lock = OpenOptions::new().create(true).append(true).open(path.join(".lock")).map_err(failed)?;
        lock_or(&lock, || {
            let message = format!("{}: another `frugal train` is writing it", path.display());
            Failure::usage(message).hint("let it finish, or choose another --out")
        })?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The checkpoint's bytes.
    pub(crate) fn checkpoint(&self) -> Result<Vec<u8>, Failure> {
        crate::failure::read(&self.path.join(CHECKPOINT))
    }

    /// Replaces the checkpoint: whenever the machine stops, the old one or the new one is there, whole.
    pub(crate) fn keep_checkpoint(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.replace(CHECKPOINT, bytes)
    }

    /// Replaces a file as a whole; folders of its name are made.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path.join(name);
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        folder.and_then(|()| replace(&path, bytes)).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            Failure::infrastructure(message).hint("mend that, then go on by --resume: the last checkpoint is whole")
        })
    }

    /// Opens the metrics after the lines of at most `step` steps.
    pub(crate) fn metrics(&self, step: u64, seconds: f64) -> Result<Metrics, Failure> {
        let path = self.path.join(METRICS);
        let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        let mut lines = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
        let kept = whole_lines(&path, |number, line| {
            parse::<TrainingEvent>(&path, number, line).map(|event| event.step() <= step)
        })?;
        lines.set_len(kept).map_err(failed)?;
        lines.flush().map_err(failed)?;
        let name = format!("events.out.tfevents.{seconds:.0}.{step}");
        let events =
            File::create(self.path.join(name)).and_then(|file| EventWriter::new(file, seconds)).map_err(failed)?;
        Ok(Metrics { path, lines, events })
    }
}

/// What happened, as JSON lines and as an event file.
pub(crate) struct Metrics {
    path: PathBuf,
    lines: File,
    events: EventWriter<File>,
}

impl Metrics {
    /// Appends what happened at `seconds` since 1970.
    pub(crate) fn append(&mut self, seconds: f64, event: &TrainingEvent) -> Result<(), Failure> {
        let written = || -> io::Result<()> {
            let mut line = serde_json::to_vec(event)?;
            line.push(b'\n');
            self.lines.write_all(&line)?;
            let scalars = event.scalars();
            if scalars.is_empty() { Ok(()) } else { self.events.scalars(seconds, event.step(), &scalars) }
        };
        let mut written = written;
        written().map_err(|error| {
            let message = format!("{}: {error}", self.path.display());
            Failure::infrastructure(message).hint("mend that, then go on by --resume: the last checkpoint is whole")
        })
    }
}

#[cfg(test)]
mod tests {
    use frugal_report::TrainingStep;

    use super::*;

    fn step(step: u64) -> TrainingEvent {
        TrainingEvent::Step(TrainingStep {
            step,
            tokens: 10 * step,
            loss: 1.5,
            learning_rate: 1e-3,
            gradient_norm: 0.5,
            wall_ms: 2.0,
            metrics: Vec::new(),
        })
    }

    #[test]
    fn what_comes_after_a_checkpoint_is_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::open(folder.path(), false).unwrap();
        let mut metrics = run.metrics(0, 0.0).unwrap();
        (1..=5).for_each(|number| metrics.append(0.0, &step(number)).unwrap());
        let whole = std::fs::read_to_string(folder.path().join(METRICS)).unwrap();
        std::fs::write(folder.path().join(METRICS), whole.clone() + "{\"kind\":\"st").unwrap();
        drop(run.metrics(3, 1.0).unwrap());
        let kept = std::fs::read_to_string(folder.path().join(METRICS)).unwrap();
        assert_eq!(kept.lines().collect::<Vec<_>>(), whole.lines().take(3).collect::<Vec<_>>());
    }

    #[test]
    fn a_folder_is_written_by_one_process_and_not_begun_twice() {
        let folder = tempfile::tempdir().unwrap();
        assert!(RunFolder::open(folder.path(), true).unwrap_err().sentence().contains("no checkpoint"));
        let run = RunFolder::open(folder.path(), false).unwrap();
        assert!(RunFolder::open(folder.path(), false).unwrap_err().sentence().contains("another `frugal train`"));
        run.keep_checkpoint(b"one").unwrap();
        run.keep_checkpoint(b"two").unwrap();
        assert_eq!(run.checkpoint().unwrap(), b"two");
        assert!(!folder.path().join("checkpoint.bin.new").exists());
        drop(run);
        assert!(RunFolder::open(folder.path(), false).unwrap_err().sentence().contains("--resume"));
        RunFolder::open(folder.path(), true).unwrap();
    }
}
