use super::super::HEADER_BYTES_MAX;

/// Why reading stopped.
#[derive(Debug, PartialEq)]
pub(super) enum Cut {
    /// The bytes at hand end, those of the file do not.
    NeedsMore,
    /// No further byte could mend it.
    Invalid(String),
}

/// Little-endian numbers and strings from the first bytes of a file.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    file_bytes: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], file_bytes: u64) -> Self {
        Self { bytes, at: 0, file_bytes }
    }

    pub(super) fn position(&self) -> u64 {
        self.at as u64
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// Refuses a count whose items, of at least `each_bytes`, would not fit the rest of the file or of any header.
    pub(super) fn can_hold(&self, count: u64, each_bytes: u64, what: &str) -> Result<(), Cut> {
        let left = (self.file_bytes - self.position()).min(HEADER_BYTES_MAX);
        match count.checked_mul(each_bytes) {
            Some(bytes) if bytes <= left => Ok(()),
            _ => Err(Cut::Invalid(format!("{count} {what} do not fit the {left} bytes that a header has left"))),
        }
    }

    pub(super) fn take(&mut self, bytes: u64) -> Result<&'a [u8], Cut> {
        self.can_hold(bytes, 1, "bytes")?;
        let end = usize::try_from(bytes).ok().and_then(|bytes| self.at.checked_add(bytes));
        let taken = end.and_then(|end| self.bytes.get(self.at..end)).ok_or(Cut::NeedsMore)?;
        self.at += taken.len();
        Ok(taken)
    }

    pub(super) fn skip(&mut self, bytes: u64) -> Result<(), Cut> {
        self.take(bytes).map(|_| ())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Cut> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Cut> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Cut> {
        self.array().map(u64::from_le_bytes)
    }

    /// A length and as many bytes of UTF-8.
    pub(super) fn string(&mut self) -> Result<String, Cut> {
        let length = self.u64()?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| Cut::Invalid("a string is no UTF-8".into()))?;
        Ok(text.to_owned())
    }
}
