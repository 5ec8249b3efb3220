use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use frugal_bench::suite::frugal::{Problem as FrugalTask, read_samples};
use frugal_flow::compare::{FrugalProblem, Problem, SampleInput, Samples};
use frugal_fuel::Language;
use frugal_guests::ContentKey;

use super::{Input, model_names};
use crate::command::eval::{entries, folders};
use crate::failure::{Failure, open, read};

/// Reads our own problems, a folder each, and samples to them.
pub(crate) fn frugal(folder: &Path, files: &[PathBuf], language: Language) -> Result<Input, Failure> {
    let mut digest = ContentKey::new("frugal problems").part(language.name().as_bytes());
    let (mut problems, mut without) = (Vec::new(), 0_usize);
    let mut places: Vec<PathBuf> = entries(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    places.sort();
    for place in places {
        let id = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = files_of(&place)?;
        for (name, bytes) in &files {
            digest = digest.part(id.as_bytes()).part(name.as_bytes()).part(bytes);
        }
        let problem = FrugalTask::from_files(&id, &files).map_err(Failure::usage)?;
        if problem.solutions(language).is_empty() { without += 1 } else { problems.push(problem) }
    }
    if problems.is_empty() {
        return Err(Failure::usage(format!("{}: it holds no problem with a solution in {language}", folder.display()))
            .hint("--problems names a folder of problems, such as public/problems/frugal"));
    }
    let mut samples = Samples { models: model_names(files)?, ..Samples::default() };
    if without > 0 {
        samples.notices.push(format!("{without} problems have no solution in {language} and are left out"));
    }
    for (model, path) in files.iter().enumerate() {
        let name = path.display().to_string();
        for (task_id, source) in read_samples(open(path)?, &name, language).map_err(Failure::usage)? {
            samples.by_task.entry(task_id).or_default().push(SampleInput::new(model, &source, Ok(source.clone())));
        }
    }
    let task = move |problem| Ok(Box::new(FrugalProblem { problem, language }) as Box<dyn Problem>);
    Ok(Input {
        task_ids: problems.iter().map(|problem| problem.id.clone()).collect(),
        problems_sha256: digest.finish(),
        samples,
        problems: Box::new(problems.into_iter().map(task)),
    })
}

/// Files of a problem by their paths below its folder.
pub(crate) fn files_of(place: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut files = BTreeMap::new();
    for folder in folders(place)? {
        for path in entries(&folder)?.into_iter().filter(|path| path.is_file()) {
            let below = path.strip_prefix(place).unwrap_or(&path);
            let name = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            files.insert(name, read(&path)?);
        }
    }
    Ok(files)
}
