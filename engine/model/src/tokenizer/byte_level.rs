//! The 256 characters that stand for bytes in GPT-2's vocabulary: printable Latin-1 for itself, the rest from U+0100.

/// Whether a byte's character is the one of the same number.
fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF)
}

/// The character of a byte.
pub(super) fn character(byte: u8) -> char {
    if stands_for_itself(byte) {
        return char::from(byte);
    }
    let rank = (0..byte).filter(|&other| !stands_for_itself(other)).count();
    char::from_u32(0x100 + u32::try_from(rank).unwrap_or(0)).unwrap_or('\u{FFFD}')
}

/// The byte of a character; `None` for characters that stand for none.
pub(super) fn byte(character: char) -> Option<u8> {
    let number = u32::from(character);
    match u8::try_from(number) {
        Ok(byte) => stands_for_itself(byte).then_some(byte),
        Err(_) => {
            let rank = usize::try_from(number.checked_sub(0x100)?).ok()?;
            (0..=255).filter(|&byte| !stands_for_itself(byte)).nth(rank)
        }
    }
}

/// Each byte of a text as its character.
pub(super) fn encode(text: &str, characters: &[char; 256]) -> String {
    text.bytes().map(|byte| characters[usize::from(byte)]).collect()
}

/// All characters, by byte.
pub(super) fn table() -> [char; 256] {
    let mut table = ['\0'; 256];
    (0..=255u8).for_each(|byte| table[usize::from(byte)] = character(byte));
    table
}

/// The bytes of a token; a token with any other character stands for its own UTF-8.
pub(super) fn decode(token: &str) -> Vec<u8> {
    token.chars().map(byte).collect::<Option<Vec<u8>>>().unwrap_or_else(|| token.as_bytes().to_vec())
}
