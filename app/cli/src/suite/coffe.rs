use std::path::{Path, PathBuf};

use frugal_bench::suite::coffe::{Files, Prediction, parse_predictions, parse_problems};
use frugal_flow::compare::{CoffeProblem, Problem, SampleInput, Samples};

use super::{Folder, Input, model_names};
use crate::failure::{Failure, read};

/// Reads COFFE's folder `function` and predictions to it.
pub(crate) fn coffe(folder: &Path, predictions: &[PathBuf]) -> Result<Input, Failure> {
    let mut files = Folder::new(folder);
    let (data, testcases) = (files.read("data.json")?, files.read("testcases.json")?);
    let (stressful_testcases, best) = (files.read("stressful_testcases.json")?, files.read("best_solutions.json")?);
    let (solutions, prompts) = (files.read_if_there("solutions.json")?, files.read_if_there("prompts.json")?);
    let files_read = Files {
        data: &data,
        testcases: &testcases,
        stressful_testcases: &stressful_testcases,
        best_solutions: &best,
        solutions: solutions.as_deref(),
        prompts: prompts.as_deref(),
    };
    let problems = parse_problems(files_read, &folder.display().to_string()).map_err(Failure::usage)?;
    let mut samples = Samples { models: model_names(predictions)?, ..Samples::default() };
    for (model, path) in predictions.iter().enumerate() {
        let name = path.display().to_string();
        let predictions = parse_predictions(&read(path)?, &name, &problems).map_err(Failure::usage)?;
        if predictions.foreign_prompts > 0 {
            let foreign = predictions.foreign_prompts;
            samples.notices.push(format!("{foreign} answers of {} are to no problem", samples.models[model]));
        }
        for (problem, answers) in problems.iter().zip(predictions.by_problem) {
            let inputs = answers.iter().map(|answer| {
                let (Prediction::Response(text) | Prediction::Solution(text)) = answer;
                SampleInput::new(model, text, answer.source(problem).map_err(|error| error.to_string()))
            });
            samples.by_task.entry(problem.task_id.clone()).or_default().extend(inputs);
        }
    }
    samples.by_task.retain(|_, inputs| !inputs.is_empty());
    Ok(Input {
        task_ids: problems.iter().map(|problem| problem.task_id.clone()).collect(),
        problems_sha256: files.digest.finish(),
        samples,
        problems: Box::new(problems.into_iter().map(|problem| Ok(Box::new(CoffeProblem(problem)) as Box<dyn Problem>))),
    })
}
