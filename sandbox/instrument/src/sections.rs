//! A module as its raw sections, so that a pass can change some and copy the rest byte for byte.

use frugal_fuel::Rejection;
use wasm_encoder::Encode;
use wasmparser::BinaryReader;

/// Section numbers of the binary format, version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Section {
    Type = 1,
    Import = 2,
    Function = 3,
    Table = 4,
    Memory = 5,
    Global = 6,
    Export = 7,
    Start = 8,
    Element = 9,
    Code = 10,
    Data = 11,
    DataCount = 12,
}

/// The order in which sections must stand, which is not the order of their numbers.
const ORDER: [Section; 12] = [
    Section::Type,
    Section::Import,
    Section::Function,
    Section::Table,
    Section::Memory,
    Section::Global,
    Section::Export,
    Section::Start,
    Section::Element,
    Section::DataCount,
    Section::Code,
    Section::Data,
];

/// Eight bytes that open every module: magic and version 1.
const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Contents of every section a module may have, without custom sections. Owned where a pass changed it.
#[derive(Default)]
pub(crate) struct Sections<'a> {
    contents: [Option<std::borrow::Cow<'a, [u8]>>; 13],
}

impl<'a> Sections<'a> {
    /// Splits a module, leaving out custom sections.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] for a section that is cut short or that no accepted proposal knows.
    pub(crate) fn split(module: &'a [u8]) -> Result<Self, Rejection> {
        if module.get(..HEADER.len()) != Some(&HEADER[..]) {
            return Err(malformed("not a core WebAssembly module of version 1"));
        }
        let mut sections = Self::default();
        let mut reader = BinaryReader::new(&module[HEADER.len()..], HEADER.len());
        while !reader.eof() {
            let offset = reader.original_position();
            let number = reader.read_u8().map_err(|error| invalid(&error))?;
            let length = reader.read_var_u32().map_err(|error| invalid(&error))?;
            let contents = reader.read_bytes(length as usize).map_err(|error| invalid(&error))?;
            if number == 0 {
                continue;
            }
            let section = ORDER.into_iter().find(|section| *section as u8 == number);
            let section = section.ok_or_else(|| Rejection::Invalid {
                offset: offset as u64,
                message: format!("section {number} is not known"),
            })?;
            sections.set(section, contents);
        }
        Ok(sections)
    }

    /// Contents of `section`, if the module has it.
    pub(crate) fn get(&self, section: Section) -> Option<&[u8]> {
        self.contents[section as usize].as_deref()
    }

    /// Sets the contents of `section`: everything after its number and length.
    pub(crate) fn set(&mut self, section: Section, contents: impl Into<std::borrow::Cow<'a, [u8]>>) {
        self.contents[section as usize] = Some(contents.into());
    }

    /// Appends items to the vector that `section` is, creating it where the module has none.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] where the section's own count is malformed.
    pub(crate) fn append(&mut self, section: Section, items: u32, bytes: &[u8]) -> Result<(), Rejection> {
        if items == 0 {
            return Ok(());
        }
        let old = self.contents[section as usize].take().unwrap_or_else(|| (&[0_u8][..]).into());
        let mut reader = BinaryReader::new(&old, 0);
        let count = reader.read_var_u32().map_err(|error| invalid(&error))?;
        let rest = &old[reader.current_position()..];
        let mut new = Vec::with_capacity(old.len() + bytes.len() + 5);
        count.checked_add(items).ok_or_else(|| malformed("section count overflows"))?.encode(&mut new);
        new.extend_from_slice(rest);
        new.extend_from_slice(bytes);
        self.set(section, new);
        Ok(())
    }

    /// The whole module.
    ///
    /// # Errors
    /// [`Rejection::TooLarge`] where a section passes 4 GiB.
    pub(crate) fn finish(&self) -> Result<Vec<u8>, Rejection> {
        let total: usize = self.contents.iter().flatten().map(|contents| contents.len() + 6).sum();
        let mut module = Vec::with_capacity(total + HEADER.len());
        module.extend_from_slice(&HEADER);
        for section in ORDER {
            if let Some(contents) = &self.contents[section as usize] {
                module.push(section as u8);
                encode_length(contents.len(), &mut module)?;
                module.extend_from_slice(contents);
            }
        }
        Ok(module)
    }
}

/// Writes a length as the format's unsigned 32-bit number.
pub(crate) fn encode_length(length: usize, out: &mut Vec<u8>) -> Result<(), Rejection> {
    let length = u32::try_from(length).map_err(|_| Rejection::TooLarge {
        what: "a section or function body, in bytes".to_owned(),
        actual: length as u64,
        cap: u32::MAX.into(),
    })?;
    length.encode(out);
    Ok(())
}

/// The parser's error as a rejection.
pub(crate) fn invalid(error: &wasmparser::Error) -> Rejection {
    Rejection::Invalid { offset: error.offset() as u64, message: error.message().to_owned() }
}

/// A structural fault that validation would have found.
pub(crate) fn malformed(message: &str) -> Rejection {
    Rejection::Invalid { offset: 0, message: message.to_owned() }
}
