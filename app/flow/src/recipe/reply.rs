//! What a model's answer says, read strictly: what is ambiguous says nothing.

/// The one verdict of an answer: a line `VERDICT: WORD` with a word of the list, in capitals. Marks of emphasis around it are
/// no part of it. Two lines that say the same are one; `None` without a line, with another word, or with lines that
/// contradict each other.
pub(crate) fn verdict<T: Copy + PartialEq>(answer: &str, words: &[(&str, T)]) -> Option<T> {
    let mut found: Option<T> = None;
    for line in answer.lines() {
        let line = line.trim().trim_matches(['*', '_', '`', '#', ' ']);
        let Some(said) = line.strip_prefix("VERDICT:") else { continue };
        let said = said.trim().trim_matches(['*', '_', '`', '.', ' ']);
        let (_, value) = *words.iter().find(|(word, _)| *word == said)?;
        if found.is_some_and(|before| before != value) {
            return None;
        }
        found = Some(value);
    }
    found
}

/// Lines inside of fenced blocks; without a fence all lines.
pub(crate) fn data_lines(answer: &str) -> Vec<&str> {
    let (mut inside, mut outside, mut is_open) = (Vec::new(), Vec::new(), false);
    for line in answer.lines().map(str::trim) {
        if line.starts_with("```") {
            is_open = !is_open;
        } else if is_open {
            inside.push(line);
        } else {
            outside.push(line);
        }
    }
    let lines = if inside.is_empty() { outside } else { inside };
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

/// The texts below headings that begin with `heading`, up to `most` of them, each with its heading.
pub(crate) fn sections(answer: &str, heading: &str, most: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in answer.lines() {
        if line.trim_start().starts_with(heading) {
            found.push(String::new());
        }
        if let Some(section) = found.last_mut() {
            section.push_str(line);
            section.push('\n');
        }
    }
    let has_text = |section: &String| section.lines().skip(1).any(|line| !line.trim().is_empty());
    found.into_iter().filter(has_text).map(|section| section.trim_end().to_owned()).take(most).collect()
}
