use std::path::{Path, PathBuf};

use frugal_bench::suite::coffe::{
    self, Asked, Files, Level, NotExtracted, Prediction, ProgramFiles, level, parse_problems, parse_programs,
    read_predictions,
};
use frugal_flow::compare::{CoffeLevel, CoffeProblem, Problem, SampleInput, Samples};

use super::{Folder, Input, model_names};
use crate::failure::{Failure, open, read};

/// Reads COFFE's folder `function` or `file`, which its solutions tell apart, and predictions to it.
pub(crate) fn coffe(folder: &Path, predictions: &[PathBuf]) -> Result<Input, Failure> {
    let best = folder.join("best_solutions.json");
    let level = level(&read(&best)?, &best.display().to_string()).map_err(Failure::usage)?;
    let mut files = Folder::new(folder);
    if level == Level::File {
        let problems = programs(folder, &mut files)?;
        let mut samples = samples(predictions, &problems, |prediction, _| prediction.program())?;
        samples.notices.push("file level: whole programs, from standard input to standard output".to_owned());
        return Ok(input(problems, samples, files));
    }
    let problems = functions(folder, &mut files)?;
    let samples = samples(predictions, &problems, Prediction::source)?;
    Ok(input(problems, samples, files))
}

/// Problems of COFFE's folder `function`, and the digest of what was read.
pub(crate) fn coffe_functions(folder: &Path) -> Result<(Vec<coffe::Problem>, String), Failure> {
    let mut files = Folder::new(folder);
    let problems = functions(folder, &mut files)?;
    Ok((problems, files.digest.finish()))
}

fn functions(folder: &Path, files: &mut Folder<'_>) -> Result<Vec<coffe::Problem>, Failure> {
    let (data, testcases) = (files.read("data.json")?, files.read("testcases.json")?);
    let (stressful_testcases, best) = (files.read("stressful_testcases.json")?, files.read("best_solutions.json")?);
    let (solutions, prompts) = (files.read_if_there("solutions.json")?, files.read_if_there("prompts.json")?);
    let read = Files {
        data: &data,
        testcases: &testcases,
        stressful_testcases: &stressful_testcases,
        best_solutions: &best,
        solutions: solutions.as_deref(),
        prompts: prompts.as_deref(),
    };
    parse_problems(read, &folder.display().to_string()).map_err(Failure::usage)
}

fn programs(folder: &Path, files: &mut Folder<'_>) -> Result<Vec<coffe::ProgramProblem>, Failure> {
    let (data, testcases) = (files.read("data.json")?, files.read("testcases.json")?);
    let (stressful_testcases, best) = (files.read("stressful_testcases.json")?, files.read("best_solutions.json")?);
    let read = ProgramFiles {
        data: &data,
        testcases: &testcases,
        stressful_testcases: &stressful_testcases,
        best_solutions: &best,
    };
    parse_programs(read, &folder.display().to_string()).map_err(Failure::usage)
}

fn samples<P: Asked>(
    predictions: &[PathBuf],
    problems: &[P],
    source: fn(&Prediction, &P) -> Result<String, NotExtracted>,
) -> Result<Samples, Failure> {
    let mut samples = Samples { models: model_names(predictions)?, ..Samples::default() };
    for (model, path) in predictions.iter().enumerate() {
        let name = path.display().to_string();
        let predictions = read_predictions(open(path)?, &name, problems).map_err(Failure::usage)?;
        if predictions.foreign_prompts > 0 {
            let foreign = predictions.foreign_prompts;
            samples.notices.push(format!("{foreign} answers of {} are to no problem", samples.models[model]));
        }
        for (problem, answers) in problems.iter().zip(predictions.by_problem) {
            let inputs = answers.iter().map(|answer| {
                let (Prediction::Response(text) | Prediction::Solution(text)) = answer;
                SampleInput::new(model, text, source(answer, problem).map_err(|error| error.to_string()))
            });
            samples.by_task.entry(problem.task_id().to_owned()).or_default().extend(inputs);
        }
    }
    samples.by_task.retain(|_, inputs| !inputs.is_empty());
    Ok(samples)
}

fn input<P: CoffeLevel + Asked + 'static>(problems: Vec<P>, samples: Samples, files: Folder<'_>) -> Input {
    Input {
        task_ids: problems.iter().map(|problem| Asked::task_id(problem).to_owned()).collect(),
        problems_sha256: files.digest.finish(),
        samples,
        problems: Box::new(problems.into_iter().map(|problem| Ok(Box::new(CoffeProblem(problem)) as Box<dyn Problem>))),
    }
}
