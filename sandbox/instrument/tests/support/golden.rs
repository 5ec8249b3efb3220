//! Reader of the golden files in `tests/vectors/fuel-1`.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// One form of a golden file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Golden {
    /// Line on which the form begins, from 1.
    pub(crate) line: usize,
    pub(crate) expected: Expected,
    /// The module's text.
    pub(crate) module: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Fuel(u64),
    Trap(String),
    OutOfDepth,
}

/// The folder of golden files.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/fuel-1")
}

/// Reads every form of `text`, which stands in the file `name`.
pub(crate) fn read(name: &str, text: &str) -> Vec<Golden> {
    let mut forms = Vec::new();
    let mut at = 0;
    while let Some(start) = skip_blank(text, at) {
        let end = form_end(text, start).unwrap_or_else(|| panic!("{name}: unbalanced from byte {start}"));
        let line = text[..start].matches('\n').count() + 1;
        let golden = form(&text[start + 1..end - 1], line);
        forms.push(golden.unwrap_or_else(|| panic!("{name}:{line}: not a form this reader knows")));
        at = end;
    }
    forms
}

fn form(inside: &str, line: usize) -> Option<Golden> {
    let inside = inside.trim();
    let head_end = inside.find(char::is_whitespace)?;
    let (head, rest) = (&inside[..head_end], inside[head_end..].trim_start());
    let (expected, module) = match head {
        "assert_fuel" => {
            let end = rest.find(char::is_whitespace)?;
            (Expected::Fuel(rest[..end].parse().ok()?), &rest[end..])
        }
        "assert_trap" => {
            let rest = rest.strip_prefix('"')?;
            let end = rest.find('"')?;
            (Expected::Trap(rest[..end].to_owned()), &rest[end + 1..])
        }
        "assert_out_of_depth" => (Expected::OutOfDepth, rest),
        _ => return None,
    };
    Some(Golden { line, expected, module: module.trim().to_owned() })
}

/// Start of the next form at or after `at`, past blanks and line comments.
fn skip_blank(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        if text[at..].starts_with(";;") {
            at += text[at..].find('\n')?;
        } else {
            return (at < text.len()).then_some(at);
        }
    }
}

/// End of the form that opens at `start`, minding strings and line comments.
fn form_end(text: &str, start: usize) -> Option<usize> {
    let (mut depth, mut string, mut comment) = (0_usize, false, false);
    let mut previous = ' ';
    for (at, character) in text[start..].char_indices() {
        match character {
            '\n' => comment = false,
            _ if comment => {}
            '"' if previous != '\\' => string = !string,
            _ if string => {}
            ';' if previous == ';' => comment = true,
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(start + at + 1);
                }
            }
            _ => {}
        }
        previous = character;
    }
    None
}
