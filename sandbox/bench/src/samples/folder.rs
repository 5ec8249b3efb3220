//! EvalPlus's folders and zips: `<root>/HumanEval_<i>/<j>.py`.

use std::collections::BTreeMap;

use super::{Samples, task_number};
use crate::BenchError;

/// Reads samples from `(path, bytes)` pairs, as a folder or an unpacked archive gives them, in any order.
///
/// The last two parts of a path must be `HumanEval_<i>` and `<j>.py`; other files are ignored. Each text is
/// cleaned by [`clean_completion`].
///
/// # Errors
/// [`BenchError::Format`] for text that is not UTF-8, a sample that stands twice, or no sample at all.
pub fn parse_folder<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    root: &str,
) -> Result<Samples, BenchError> {
    let mut numbered: BTreeMap<(u32, u32), String> = BTreeMap::new();
    for (path, bytes) in files {
        let Some(place) = place(path) else { continue };
        let text = std::str::from_utf8(bytes).map_err(|_| BenchError::format(path, None, "not UTF-8 text"))?;
        if numbered.insert(place, clean_completion(text).to_owned()).is_some() {
            return Err(BenchError::format(path, None, "this sample stands twice under different paths"));
        }
    }
    if numbered.is_empty() {
        return Err(BenchError::format(root, None, "there is no file like HumanEval_0/0.py below it"));
    }
    let mut samples = Samples::default();
    for ((problem, _), text) in numbered {
        samples.by_number.entry(problem).or_default().push(text);
    }
    Ok(samples)
}

/// Whether a path ends like `HumanEval_0/0.py`, so that [`parse_folder`] wants its bytes.
pub(super) fn is_sample_path(path: &str) -> bool {
    place(path).is_some()
}

fn place(path: &str) -> Option<(u32, u32)> {
    let mut parts = path.rsplit(['/', '\\']);
    let index = parts.next()?.strip_suffix(".py")?.parse().ok()?;
    Some((task_number(parts.next()?)?, index))
}

/// A model's raw reply without its leading `python` line and without the examples it adds after the code.
pub fn clean_completion(text: &str) -> &str {
    let mut text = text.strip_prefix("python\n").unwrap_or(text);
    for tail in ["\n# Examples\n", "\n# Example usage:\n", "\n# Test cases\n"] {
        if let Some(at) = text.find(tail) {
            text = &text[..at];
        }
    }
    text
}
