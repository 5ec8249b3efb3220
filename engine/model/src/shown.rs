//! Names from files, cut to a length that an error message can carry.

/// Characters of a foreign name that a message shows.
const CHARACTERS_MAX: usize = 120;

/// `name` for a message: control characters escaped, and cut where it is too long to read.
pub(crate) fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(CHARACTERS_MAX).flat_map(char::escape_debug).collect();
    if name.chars().nth(CHARACTERS_MAX).is_some() {
        text.push('…');
    }
    text
}
