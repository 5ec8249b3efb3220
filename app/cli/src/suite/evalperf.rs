use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use frugal_bench::suite::evalperf::{SamplesByTask, Task, TaskReader, parse_folder, read_samples};
use frugal_flow::compare::{EvalPerfProblem, Problem, SampleInput, Samples};
use frugal_guests::ContentKey;

use super::{Input, model_names};
use crate::command::eval::python_files;
use crate::failure::{Failure, open};

const CHUNK_BYTES: usize = 1 << 16;

/// Reads EvalPerf's task file twice, as a stream: for the tasks' names, and then as they are worked on.
pub(crate) fn evalperf(tasks: &Path, files: &[PathBuf]) -> Result<Input, Failure> {
    let mut stream = TaskStream::open(tasks)?;
    let mut task_ids = Vec::new();
    while let Some(task) = stream.next_task()? {
        task_ids.push(task.task_id);
    }
    let mut samples = Samples { models: model_names(files)?, ..Samples::default() };
    samples
        .notices
        .push("a sample passes when it agrees with the fastest reference on the task's one input".to_owned());
    for (model, path) in files.iter().enumerate() {
        for (task_id, sources) in samples_of(path)? {
            let inputs = sources.into_iter().map(|source| SampleInput::new(model, &source, Ok(source.clone())));
            samples.by_task.entry(task_id).or_default().extend(inputs);
        }
    }
    Ok(Input {
        task_ids,
        problems_sha256: stream.digest.finish(),
        samples,
        problems: Box::new(TaskStream::open(tasks)?),
    })
}

fn samples_of(path: &Path) -> Result<SamplesByTask, Failure> {
    let name = path.display().to_string();
    if !path.is_dir() {
        return read_samples(open(path)?, &name).map_err(Failure::usage);
    }
    let files = python_files(path)?;
    parse_folder(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())), &name).map_err(Failure::usage)
}

/// Tasks of a file of any size; holds one chunk and the tasks that it completed.
struct TaskStream {
    path: PathBuf,
    file: File,
    reader: Option<TaskReader>,
    ready: VecDeque<Task>,
    digest: ContentKey,
}

impl TaskStream {
    fn open(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
        let (reader, digest) = (Some(TaskReader::new(&name)), ContentKey::new("tasks"));
        Ok(Self { path: path.to_path_buf(), file, reader, ready: VecDeque::new(), digest })
    }

    fn next_task(&mut self) -> Result<Option<Task>, Failure> {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            if let Some(task) = self.ready.pop_front() {
                return Ok(Some(task));
            }
            let Some(mut reader) = self.reader.take() else { return Ok(None) };
            let ready = &mut self.ready;
            let read = self.file.read(&mut chunk);
            let count = read.map_err(|error| Failure::usage(format!("{}: {error}", self.path.display())))?;
            if count == 0 {
                reader.finish(&mut |task| ready.push_back(task)).map_err(Failure::usage)?;
                continue;
            }
            self.digest = self.digest.clone().part(&chunk[..count]);
            reader.push(&chunk[..count], &mut |task| ready.push_back(task)).map_err(Failure::usage)?;
            self.reader = Some(reader);
        }
    }
}

impl Iterator for TaskStream {
    type Item = Result<Box<dyn Problem>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let task = self.next_task().transpose()?;
        Some(task.map(|task| Box::new(EvalPerfProblem(task)) as Box<dyn Problem>))
    }
}
