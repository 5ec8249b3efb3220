//! The one file that holds all core modules of a guest.
//!
//! Layout, integers little-endian u32: the eight bytes of [`MAGIC`]; the number of modules; for each
//! module the length of its name, its name in UTF-8 and the length of its code; then all code, in the
//! same order. The list comes first, so that a reader need not copy the code to find it.

use std::ops::Range;

/// First bytes of a bundle, with its version.
pub const MAGIC: &[u8; 8] = b"FRUGALB1";
/// The list of modules ends within this many bytes.
pub const HEAD_MAX_BYTES: usize = 64 << 10;

/// A bundle that cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not a bundle, or of another version.
    #[error("the guest bundle does not start with `FRUGALB1`; fetch it again, or rebuild the page")]
    Magic,
    /// Ends early, goes on too long, or has a name that is not text.
    #[error("the guest bundle is damaged at byte {offset}; fetch it again")]
    Damaged {
        /// Where.
        offset: usize,
    },
    /// More or longer modules than a bundle can hold.
    #[error("the modules are too many or too long for a bundle: {what}")]
    TooLarge {
        /// What is too large.
        what: String,
    },
}

/// Lists the modules of a bundle: each name, and where in the bundle its code lies.
///
/// `head` is the bundle's beginning, [`HEAD_MAX_BYTES`] of it or all; `bundle_bytes` is its whole size.
///
/// # Errors
/// [`BundleError`] for anything but a whole bundle.
pub fn index(head: &[u8], bundle_bytes: usize) -> Result<Vec<(String, Range<usize>)>, BundleError> {
    let rest = head.strip_prefix(MAGIC).ok_or(BundleError::Magic)?;
    let mut reader = Reader { head, offset: head.len() - rest.len() };
    let count = reader.length()?;
    let mut lengths = Vec::new();
    for _ in 0..count {
        let at = reader.offset;
        let name_bytes = reader.length()?;
        let name = std::str::from_utf8(reader.take(name_bytes)?).map_err(|_| BundleError::Damaged { offset: at })?;
        lengths.push((name.to_owned(), reader.length()?));
    }
    let mut start = reader.offset;
    let mut modules = Vec::new();
    for (name, code_bytes) in lengths {
        let end = start.checked_add(code_bytes).filter(|end| *end <= bundle_bytes);
        let end = end.ok_or(BundleError::Damaged { offset: start })?;
        modules.push((name, start..end));
        start = end;
    }
    if start == bundle_bytes { Ok(modules) } else { Err(BundleError::Damaged { offset: start }) }
}

/// Writes a bundle.
///
/// # Errors
/// [`BundleError::TooLarge`] for code of 4 GiB or a list above [`HEAD_MAX_BYTES`].
pub fn write(modules: &[(&str, &[u8])]) -> Result<Vec<u8>, BundleError> {
    let length = |what: &str, count: usize| {
        u32::try_from(count).map(u32::to_le_bytes).map_err(|_| BundleError::TooLarge { what: what.to_owned() })
    };
    let mut bundle = MAGIC.to_vec();
    bundle.extend(length("modules", modules.len())?);
    for (name, code) in modules {
        bundle.extend(length("a name", name.len())?);
        bundle.extend(name.as_bytes());
        bundle.extend(length(name, code.len())?);
    }
    if bundle.len() > HEAD_MAX_BYTES {
        return Err(BundleError::TooLarge { what: format!("their list has {} bytes", bundle.len()) });
    }
    for (_, code) in modules {
        bundle.extend_from_slice(code);
    }
    Ok(bundle)
}

struct Reader<'a> {
    head: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], BundleError> {
        let damaged = BundleError::Damaged { offset: self.offset };
        let end = self.offset.checked_add(count).ok_or(damaged.clone())?;
        let bytes = self.head.get(self.offset..end).ok_or(damaged)?;
        self.offset = end;
        Ok(bytes)
    }

    fn length(&mut self) -> Result<usize, BundleError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| BundleError::Damaged { offset: self.offset })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bundles_survive_and_damage_is_found() {
        let modules: [(&str, &[u8]); 3] = [("g.core.wasm", b"\0asm"), ("", b""), ("é", &[7; 300])];
        let bundle = write(&modules).unwrap();
        let read = index(&bundle, bundle.len()).unwrap();
        let read: Vec<_> = read.iter().map(|(name, range)| (name.as_str(), &bundle[range.clone()])).collect();
        assert_eq!(read, modules);
        for end in 0..bundle.len() {
            assert!(index(&bundle[..end], end).is_err(), "cut at {end}");
        }
        assert!(index(&bundle, bundle.len() + 1).is_err());
        assert!(index(&bundle, bundle.len() - 1).is_err());
        let mut huge = bundle;
        huge[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(index(&huge, huge.len()).is_err());
        assert_eq!(index(b"FRUGALB2\0\0\0\0", 12), Err(BundleError::Magic));
        assert!(write(&[(&"n".repeat(HEAD_MAX_BYTES), b"")]).is_err());
    }
}
