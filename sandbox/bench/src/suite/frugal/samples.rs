//! Samples of our own problems: one JSON object a line.

use std::io::{BufReader, Read};

use frugal_fuel::Language;
use serde::Deserialize;

use super::description::LANGUAGES;
use crate::BenchError;
use crate::json::parse_text;
use crate::lines::each_line;

#[derive(Deserialize)]
struct Line {
    task_id: String,
    solution: String,
    language: Option<String>,
}

/// Reads, as their bytes come, lines of `{"task_id": "rug_sizes", "solution": "..."}`, with a `language` where that is not Python: ids with
/// their programs in file order. Other fields are ignored, empty lines skipped.
///
/// # Errors
/// [`BenchError::Format`] with line and field. Also for a program of another language than `language`: the fuel of two
/// languages is never compared, so each has an evaluation of its own.
pub fn read_samples(reader: impl Read, file: &str, language: Language) -> Result<Vec<(String, String)>, BenchError> {
    let mut samples = Vec::new();
    each_line(BufReader::new(reader), file, |line| {
        samples.push(sample(line, language)?);
        Ok(())
    })?;
    if samples.is_empty() { Err(BenchError::format(file, None, "it holds no samples")) } else { Ok(samples) }
}

fn sample(text: &[u8], wanted: Language) -> Result<(String, String), String> {
    let line: Line = parse_text(text).map_err(|fault| fault.message)?;
    let name = line.language.unwrap_or_else(|| Language::Python.name().to_owned());
    let Some((language, _)) = LANGUAGES.iter().find(|(language, _)| language.name() == name) else {
        return Err(format!("`language` is `{name}`, but must be `python` or `javascript`"));
    };
    if *language != wanted {
        let wanted = wanted.name();
        return Err(format!(
            "`language` is `{name}`, but this evaluation is of {wanted}: fuel of two languages is never compared, so \
             evaluate them apart with --language"
        ));
    }
    Ok((line.task_id, line.solution))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_read_and_languages_kept_apart() {
        let text =
            b"{\"task_id\":\"a\",\"solution\":\"x\"}\n\n{\"task_id\":\"a\",\"solution\":\"y\",\"language\":\"python\"}";
        let read = |text: &[u8], language| read_samples(text, "s.jsonl", language).map_err(|e| e.to_string());
        assert_eq!(read(text, Language::Python).unwrap().len(), 2);
        let error = read(text, Language::JavaScript).unwrap_err();
        assert!(error.starts_with("s.jsonl, line 1: `language` is `python`, but this evaluation is of javascript"));
        let bad = |line: &[u8]| read(line, Language::Python).unwrap_err();
        assert!(bad(b"{\"task_id\":\"a\",\"solution\":\"x\",\"language\":\"cobol\"}").contains("must be `python` or"));
        assert!(bad(b"{\"task_id\":\"a\"}").contains("line 1: missing field `solution`"));
        assert!(bad(b"\n").contains("holds no samples"));
    }
}
