//! The six files of the folder `function`.

use std::collections::HashMap;

use frugal_guests::Tagged;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::values::{from_json, items};
use crate::BenchError;
use crate::json::{Entries, parse, shortened};

/// Name of the function in reference solutions, whatever the problem calls it.
pub const REFERENCE_ENTRY_POINT: &str = "solution";

/// Contents of the folder `function`, by file.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// `data.json`.
    pub data: &'a [u8],
    /// `testcases.json`.
    pub testcases: &'a [u8],
    /// `stressful_testcases.json`.
    pub stressful_testcases: &'a [u8],
    /// `best_solutions.json`.
    pub best_solutions: &'a [u8],
    /// `solutions.json`; without it, the best solution is the only ground truth.
    pub solutions: Option<&'a [u8]>,
    /// `prompts.json`, which only repeats prompts; when there, every problem must stand in it.
    pub prompts: Option<&'a [u8]>,
}

/// One problem. Its Python sources and test expressions are trusted: they come with the benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Such as `HumanEval/113`; numbers get their dataset's name: `mbpp/448`.
    pub task_id: String,
    /// `openai_humaneval` or `mbpp`.
    pub dataset: String,
    /// The text that models were given (`final_prompt`), by which all other files are keyed.
    pub prompt: String,
    /// Name of the function that a sample must define.
    pub entry_point: String,
    /// Ordinary tests, which alone judge correctness.
    pub tests: Vec<CorrectnessTest>,
    /// Python expressions, each of which evaluates to a list of arguments. Costs are measured on these.
    pub stressful_tests: Vec<String>,
    /// The cheapest ground truth; defines [`REFERENCE_ENTRY_POINT`].
    pub best_solution: String,
    /// Every ground truth; each defines [`REFERENCE_ENTRY_POINT`].
    pub ground_truths: Vec<String>,
}

/// Arguments and the expected result. They come from JSON, which knows no tuples: a result is compared after its tuples
/// became lists.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectnessTest {
    /// In the order of the parameters.
    pub arguments: Vec<Tagged>,
    /// What the call must return.
    pub output: Tagged,
}

#[derive(Deserialize)]
struct Row {
    task_id: TaskId,
    dataset: String,
    final_prompt: String,
    entry_point: String,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number or a string")]
enum TaskId {
    Number(u64),
    Name(String),
}

#[derive(Deserialize)]
struct Test {
    input: Box<RawValue>,
    output: Box<RawValue>,
}

#[derive(Deserialize)]
struct StressfulTest {
    input: String,
    output: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Solutions {
    prompt2groundtruth: Entries<Vec<(String, serde::de::IgnoredAny)>>,
}

/// Reads the problems that `data.json` lists, in its order. Prompts that only the other files hold are no problem of it.
///
/// `folder` is what the files stand in, for messages.
///
/// # Errors
/// [`BenchError::Format`] with file, line and field, or the problem that a file lacks.
pub fn parse_problems(files: Files<'_>, folder: &str) -> Result<Vec<Problem>, BenchError> {
    let name = |file: &str| if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
    let data = name("data.json");
    let rows: Vec<Row> = parse(files.data, &data)?;
    if rows.is_empty() {
        return Err(BenchError::format(&data, None, "it holds no problems"));
    }
    let tests = ByPrompt::<Vec<Test>>::read(files.testcases, name("testcases.json"))?;
    let stressful = ByPrompt::<Vec<StressfulTest>>::read(files.stressful_testcases, name("stressful_testcases.json"))?;
    let best = ByPrompt::<(String, bool)>::read(files.best_solutions, name("best_solutions.json"))?;
    let solutions_name = name("solutions.json");
    let solutions = match files.solutions {
        Some(bytes) => {
            let Solutions { prompt2groundtruth } = parse(bytes, &solutions_name)?;
            Some(ByPrompt::of(prompt2groundtruth, solutions_name))
        }
        None => None,
    };
    let mut problems: Vec<Problem> = Vec::with_capacity(rows.len());
    let mut seen = HashMap::new();
    for (at, row) in rows.into_iter().enumerate() {
        let row_error = |message: String| BenchError::format(&data, None, format!("`[{at}]`: {message}"));
        let problem = Problem {
            task_id: task_id(&row).map_err(row_error)?,
            tests: tests.of_problem(&row, |tests| tests_of(tests))?,
            stressful_tests: stressful.of_problem(&row, |tests| stressful_tests_of(tests))?,
            best_solution: best.of_problem(&row, best_solution_of)?,
            ground_truths: match &solutions {
                Some(solutions) => solutions.of_problem(&row, |codes| ground_truths_of(codes))?,
                None => vec![best.of_problem(&row, best_solution_of)?],
            },
            dataset: row.dataset,
            prompt: row.final_prompt,
            entry_point: row.entry_point,
        };
        for unique in [problem.task_id.clone(), problem.prompt.clone()] {
            if let Some(first) = seen.insert(unique, at) {
                return Err(row_error(format!("{} has the task or prompt of `[{first}]`", problem.task_id)));
            }
        }
        problems.push(problem);
    }
    if let Some(bytes) = files.prompts {
        check_prompts(bytes, &name("prompts.json"), &problems)?;
    }
    Ok(problems)
}

/// A file keyed by prompt.
struct ByPrompt<T> {
    file: String,
    entries: HashMap<String, T>,
}

impl<T> ByPrompt<T> {
    fn of(entries: Entries<T>, file: String) -> Self {
        Self { file, entries: entries.0.into_iter().collect() }
    }

    fn read<'a>(bytes: &'a [u8], file: String) -> Result<Self, BenchError>
    where
        T: Deserialize<'a>,
    {
        Ok(Self::of(parse(bytes, &file)?, file))
    }

    /// What the file says of a problem; `check` says what is wrong with it.
    fn of_problem<V>(&self, row: &Row, check: impl Fn(&T) -> Result<V, String>) -> Result<V, BenchError> {
        let failed = |message: String| {
            BenchError::format(&self.file, None, format!("`{}`: {message}", shortened(&row.final_prompt)))
        };
        let entry = self.entries.get(&row.final_prompt);
        check(entry.ok_or_else(|| failed("no entry has this key, a `final_prompt` of data.json".to_owned()))?)
            .map_err(failed)
    }
}

fn task_id(row: &Row) -> Result<String, String> {
    let is_name = |text: &str| {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
    };
    if !is_name(&row.entry_point) {
        return Err(format!("`entry_point` is `{}`, but must be a function's name", shortened(&row.entry_point)));
    }
    if row.final_prompt.trim().is_empty() {
        return Err("`final_prompt` is empty".to_owned());
    }
    match &row.task_id {
        TaskId::Number(number) => Ok(format!("{}/{number}", row.dataset)),
        TaskId::Name(name) if name.trim().is_empty() => Err("`task_id` is empty".to_owned()),
        TaskId::Name(name) => Ok(name.clone()),
    }
}

fn tests_of(tests: &[Test]) -> Result<Vec<CorrectnessTest>, String> {
    let list = |at: usize, name: &str, value: &RawValue| -> Result<Vec<Tagged>, String> {
        let failed = |message: String| format!("`[{at}].{name}`: {message}");
        if !value.get().starts_with('[') {
            return Err(failed("it is not a list".to_owned()));
        }
        items(value.get()).and_then(|items| items.into_iter().map(from_json).collect()).map_err(failed)
    };
    let test = |(at, test): (usize, &Test)| {
        let arguments = list(at, "input", &test.input)?;
        match <[Tagged; 1]>::try_from(list(at, "output", &test.output)?) {
            Ok([output]) => Ok(CorrectnessTest { arguments, output }),
            Err(_) => Err(format!("`[{at}].output`: it must be a list of one value, the result")),
        }
    };
    if tests.is_empty() {
        return Err("there are no tests, so nothing would be judged".to_owned());
    }
    tests.iter().enumerate().map(test).collect()
}

fn stressful_tests_of(tests: &[StressfulTest]) -> Result<Vec<String>, String> {
    let test = |(at, test): (usize, &StressfulTest)| match test {
        StressfulTest { output: Some(_), .. } => Err(format!("`[{at}].output` must be null: costs alone count here")),
        StressfulTest { input, .. } if input.trim().is_empty() => Err(format!("`[{at}].input` is empty")),
        StressfulTest { input, .. } => Ok(input.clone()),
    };
    if tests.is_empty() {
        return Err("there are no stressful tests, so nothing would be measured".to_owned());
    }
    tests.iter().enumerate().map(test).collect()
}

fn best_solution_of((code, is_stdin): &(String, bool)) -> Result<String, String> {
    if *is_stdin {
        return Err("it reads standard input, but this is the function level".to_owned());
    }
    if code.trim().is_empty() { Err("the solution is empty".to_owned()) } else { Ok(code.clone()) }
}

fn ground_truths_of(solutions: &[(String, serde::de::IgnoredAny)]) -> Result<Vec<String>, String> {
    match solutions.iter().position(|(code, _)| code.trim().is_empty()) {
        Some(at) => Err(format!("solution {at} is empty")),
        None if solutions.is_empty() => Err("there are no solutions".to_owned()),
        None => Ok(solutions.iter().map(|(code, _)| code.clone()).collect()),
    }
}

fn check_prompts(bytes: &[u8], file: &str, problems: &[Problem]) -> Result<(), BenchError> {
    let prompts: Vec<String> = parse(bytes, file)?;
    match problems.iter().find(|problem| !prompts.contains(&problem.prompt)) {
        Some(problem) => Err(BenchError::format(file, None, format!("the prompt of {} is missing", problem.task_id))),
        None => Ok(()),
    }
}
