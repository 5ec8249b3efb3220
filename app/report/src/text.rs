//! Hostile text made safe to show.

/// `text` with everything that could steer a terminal or reorder a line written out as `\u{..}`:
/// control characters except newline and tab, and bidirectional and zero-width format characters.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_steering(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

fn is_steering(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{61C}')
}

/// One line of at most `max` characters, for a table's cell.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let flat = printable(text).replace(['\n', '\t'], " ");
    if flat.chars().count() <= max {
        return flat;
    }
    flat.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steering_characters_are_written_out() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n\td\u{0}"), "a\\u{1b}[2Jb\\u{202e}c\n\td\\u{0}");
        assert_eq!(one_line("a\nbcdef", 4), "a b…");
    }
}
