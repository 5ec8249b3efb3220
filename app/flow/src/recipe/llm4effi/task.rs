//! What is to be solved.

use frugal_bench::suite::frugal::Problem;
use frugal_fuel::Language;

/// A function to write in Python.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Names it in reports.
    pub id: String,
    /// Name of the function.
    pub entry_point: String,
    /// What is asked, as prose.
    pub statement: String,
    /// Its first line, such as `def f(a, b):`, where it is known.
    pub signature: Option<String>,
    /// Generator, checker and reference, where the result can be measured on hidden inputs.
    pub hidden: Option<Problem>,
}

impl Task {
    /// A task that nobody can measure: a text and the name of the function.
    pub fn from_text(id: &str, entry_point: &str, statement: &str) -> Self {
        Self {
            id: id.to_owned(),
            entry_point: entry_point.to_owned(),
            statement: statement.trim().to_owned(),
            signature: None,
            hidden: None,
        }
    }

    /// A problem of Frugal's own set. Of its reference the model sees the first line alone.
    pub fn from_problem(problem: Problem) -> Self {
        let description = &problem.description;
        let (id, statement) = (problem.id.clone(), description.statement.trim().to_owned());
        let entry_point = description.entry_point.clone();
        let signature = problem.solutions(Language::Python).last().and_then(|(_, source)| {
            source.lines().find(|line| line.starts_with(&format!("def {entry_point}("))).map(str::to_owned)
        });
        Self { id, entry_point, statement, signature, hidden: Some(problem) }
    }

    /// The task as a model is told it.
    pub(super) fn text(&self) -> String {
        let signature = self.signature.clone().unwrap_or_else(|| format!("def {}(...):", self.entry_point));
        format!("{}\n\nThe function is called `{}`: `{signature}`", self.statement, self.entry_point)
    }
}
