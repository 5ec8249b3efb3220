//! enamel.csv.

use serde::Deserialize;

use crate::BenchError;

/// Problems of HumanEval that ENAMEL leaves out: their cost does not grow with the input.
const EXCLUDED: [u32; 22] =
    [2, 23, 41, 45, 53, 60, 71, 92, 97, 99, 102, 123, 124, 135, 137, 138, 144, 148, 156, 157, 159, 160];

/// How ids of the published problems begin.
const PUBLISHED: &str = "HumanEval/";

/// One problem. Its Python sources are trusted: they come with the benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Such as `HumanEval/0`.
    pub task_id: String,
    /// The number in `task_id`; part of the seed of every input.
    pub number: u32,
    /// Signature and docstring.
    pub prompt: String,
    /// Source of `generate_input(size, level, case)`.
    pub generator: String,
    /// Size of the inputs of each level, decimal digits.
    pub level_sizes: Vec<String>,
    /// The expert's function body.
    pub reference: String,
    /// Source of `__check(input, answer, output)`.
    pub checker: String,
    /// Name of the function.
    pub entry_point: String,
}

/// Which problems to evaluate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Subset {
    /// The benchmark's 142; of another file, all.
    #[default]
    Default,
    /// Every problem of the file.
    All,
    /// These ids, such as `HumanEval/0`, in the file's order.
    Ids(Vec<String>),
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    prompt: String,
    input_generator: String,
    input_levels: String,
    reference_solution: String,
    checker: String,
    entry_point: String,
}

/// Reads enamel.csv (RFC 4180 with a header; fields hold newlines).
///
/// # Errors
/// [`BenchError::Format`] with the line of the first row that is not a problem.
pub fn parse_problems(bytes: &[u8], file: &str) -> Result<Vec<Problem>, BenchError> {
    let mut reader = csv::Reader::from_reader(bytes);
    let wanted =
        ["task_id", "prompt", "input_generator", "input_levels", "reference_solution", "checker", "entry_point"];
    let header = reader.headers().map_err(|error| unreadable(file, &error))?;
    for column in wanted {
        if !header.iter().any(|name| name == column) {
            let message = format!("the column `{column}` is missing; the columns are {}", wanted.join(", "));
            return Err(BenchError::format(file, Some(1), message));
        }
    }
    let header = header.clone();
    let mut problems: Vec<Problem> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(file, &error))?;
        let line = record.position().map(csv::Position::line);
        let row: Row = record.deserialize(Some(&header)).map_err(|error| unreadable(file, &error))?;
        let problem = problem(row).map_err(|message| BenchError::format(file, line, message))?;
        if problems.iter().any(|known| known.task_id == problem.task_id) {
            return Err(BenchError::format(file, line, format!("`task_id` {} stands twice", problem.task_id)));
        }
        problems.push(problem);
    }
    if problems.is_empty() {
        return Err(BenchError::format(file, None, "it holds no problems"));
    }
    Ok(problems)
}

/// The problems of a subset, in the file's order.
///
/// # Errors
/// [`BenchError::UnknownProblem`] for an id that is not there.
pub fn select(problems: Vec<Problem>, subset: &Subset) -> Result<Vec<Problem>, BenchError> {
    let keep: Box<dyn Fn(&Problem) -> bool> = match subset {
        Subset::All => return Ok(problems),
        Subset::Default => {
            Box::new(|problem| !(problem.task_id.starts_with(PUBLISHED) && EXCLUDED.contains(&problem.number)))
        }
        Subset::Ids(ids) => {
            if let Some(id) = ids.iter().find(|id| !problems.iter().any(|problem| problem.task_id == **id)) {
                let example = problems.first().map_or_else(String::new, |problem| problem.task_id.clone());
                return Err(BenchError::UnknownProblem { id: id.clone(), example });
            }
            Box::new(|problem| ids.contains(&problem.task_id))
        }
    };
    Ok(problems.into_iter().filter(keep).collect())
}

fn unreadable(file: &str, error: &csv::Error) -> BenchError {
    let line = error.position().map(csv::Position::line);
    BenchError::format(file, line, format!("not a row of enamel.csv: {error}"))
}

fn problem(row: Row) -> Result<Problem, String> {
    let fields = [
        ("task_id", &row.task_id),
        ("prompt", &row.prompt),
        ("input_generator", &row.input_generator),
        ("input_levels", &row.input_levels),
        ("reference_solution", &row.reference_solution),
        ("checker", &row.checker),
        ("entry_point", &row.entry_point),
    ];
    if let Some((name, _)) = fields.iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(format!("`{name}` is empty"));
    }
    let number = row.task_id.rsplit_once('/').and_then(|(_, number)| number.parse().ok());
    let number = number.ok_or_else(|| format!("`task_id` is `{}`, but must look like `HumanEval/0`", row.task_id))?;
    let level_sizes: Vec<String> = row.input_levels.split_whitespace().map(String::from).collect();
    let is_size =
        |size: &String| size.len() <= 30 && size.bytes().all(|b| b.is_ascii_digit()) && !size.starts_with('0');
    if !level_sizes.iter().all(is_size) {
        return Err(format!("`input_levels` is `{}`, but must be sizes such as `100 1000`", row.input_levels));
    }
    Ok(Problem {
        task_id: row.task_id,
        number,
        prompt: row.prompt,
        generator: row.input_generator,
        level_sizes,
        reference: row.reference_solution,
        checker: row.checker,
        entry_point: row.entry_point,
    })
}
