//! A problem with its code.

use std::collections::BTreeMap;

use frugal_fuel::Language;

use super::Description;
use super::description::{LANGUAGES, Solution, is_identifier};
use crate::BenchError;

const DESCRIPTION: &str = "problem.toml";
const SUPPORT: &str = "problem.py";

/// One problem. Its Python support code is trusted: it comes with the set.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Name of its folder.
    pub id: String,
    /// What it asks, and how its solutions grow.
    pub description: Description,
    /// Source of `generate(n, random)`, `contract(*arguments)` and, where equality is not what makes an output
    /// right, `check(arguments, answer, output)`.
    pub support: String,
    sources: Vec<(Language, String)>,
}

impl Problem {
    /// Reads a problem from the files of its folder, by their paths below it, such as `solutions/sort.py`.
    ///
    /// # Errors
    /// [`BenchError::Format`] with file, line and field; for a file that is missing, and for one that no solution names.
    pub fn from_files(id: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Self, BenchError> {
        if !is_identifier(id) {
            let message = "a problem's folder is named by small letters, digits and `_`, a letter first";
            return Err(BenchError::format(id, None, message));
        }
        let description = description(&format!("{id}/{DESCRIPTION}"), text(id, files, DESCRIPTION)?)?;
        let support = text(id, files, SUPPORT)?;
        for function in ["generate", "contract"] {
            if !support.lines().any(|line| line.starts_with(&format!("def {function}("))) {
                let message = format!("it defines no `{function}`");
                return Err(BenchError::format(&format!("{id}/{SUPPORT}"), None, message));
            }
        }
        let mut known = vec![DESCRIPTION.to_owned(), SUPPORT.to_owned()];
        let mut sources = Vec::new();
        for solution in &description.solutions {
            for language in &solution.languages {
                let path = source_path(&solution.name, *language);
                sources.push((*language, text(id, files, &path)?.to_owned()));
                known.push(path);
            }
        }
        if let Some(path) = files.keys().find(|path| !known.contains(path)) {
            let message = format!("`solutions` in {DESCRIPTION} names no such file; list it or remove it");
            return Err(BenchError::format(&format!("{id}/{path}"), None, message));
        }
        Ok(Self { id: id.to_owned(), support: support.to_owned(), sources, description })
    }

    /// Solutions with their sources in one language, slowest first.
    pub fn solutions(&self, language: Language) -> Vec<(&Solution, &str)> {
        let written = self
            .description
            .solutions
            .iter()
            .flat_map(|solution| solution.languages.iter().map(move |written| (solution, *written)));
        let sourced = written.zip(&self.sources).filter(|((_, written), _)| *written == language);
        sourced.map(|((solution, _), (_, source))| (solution, source.as_str())).collect()
    }

    /// The best known solution, in Python: what it returns is the answer.
    pub fn reference_source(&self) -> &str {
        self.solutions(Language::Python).last().map_or("", |(_, source)| source)
    }

    /// Whether `problem.py` judges outputs itself.
    pub fn has_checker(&self) -> bool {
        self.support.lines().any(|line| line.starts_with("def check("))
    }
}

/// Path of a solution's file below the problem's folder.
fn source_path(name: &str, language: Language) -> String {
    let extension = LANGUAGES.iter().find(|(known, _)| *known == language).map_or("", |(_, extension)| extension);
    format!("solutions/{name}.{extension}")
}

fn text<'a>(id: &str, files: &'a BTreeMap<String, Vec<u8>>, path: &str) -> Result<&'a str, BenchError> {
    let failed = |line, message: String| BenchError::format(&format!("{id}/{path}"), line, message);
    let bytes = files.get(path).ok_or_else(|| failed(None, "the file is missing".to_owned()))?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        failed(Some(line), "not UTF-8 text".to_owned())
    })?;
    if text.trim().is_empty() {
        return Err(failed(None, "the file is empty".to_owned()));
    }
    Ok(text)
}

fn description(file: &str, text: &str) -> Result<Description, BenchError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].matches('\n').count() as u64 + 1);
        BenchError::format(file, line, error.message())
    })
}
