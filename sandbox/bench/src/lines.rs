//! Files of one JSON object a line, read as their bytes come.

use std::io::BufRead;

use crate::BenchError;

/// Hands over each line that holds something, without a byte order mark. What is held is one line.
///
/// # Errors
/// [`BenchError::Format`] with the line: when it cannot be read, and with the sentence that `take` gives.
pub(crate) fn each_line(
    mut reader: impl BufRead,
    file: &str,
    mut take: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), BenchError> {
    let mut bytes = Vec::new();
    for number in 1.. {
        let failed = |message: String| BenchError::format(file, Some(number), message);
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(|error| failed(error.to_string()))? == 0 {
            break;
        }
        let line = if number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes) } else { &bytes };
        if !line.trim_ascii().is_empty() {
            take(line).map_err(failed)?;
        }
    }
    Ok(())
}
