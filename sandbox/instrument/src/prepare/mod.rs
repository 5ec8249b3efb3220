//! The gate before every runner: validates, refuses by name, caps, strips.

mod caps;
mod facts;
mod validate;

pub use facts::{Facts, FunctionExport, Signature, check_call};
pub use validate::ACCEPTED_FEATURES;

use frugal_fuel::{Limits, Rejection};
use wasm_encoder::{Encode, MemoryType, TableType};
use wasmparser::{BinaryReader, MemorySectionReader, RefType, TableInit, TableSectionReader};

use crate::sections::{Section, Sections, invalid, malformed};

/// Elements that any table may grow to. Far below every engine's own limit, so that `table.grow`
/// fails at the same size everywhere.
pub const TABLE_ELEMENTS_MAX: u32 = 1_000_000;

/// What the rewritten module may grow to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrepareLimits {
    /// Linear memory, in bytes; a multiple of the 65,536-byte page.
    pub memory_bytes: u64,
    /// Elements of each table.
    pub table_elements: u32,
}

impl From<&Limits> for PrepareLimits {
    fn from(limits: &Limits) -> Self {
        Self { memory_bytes: limits.memory_bytes, table_elements: TABLE_ELEMENTS_MAX }
    }
}

/// A module that every runner accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The rewritten module: valid, without imports, start function or custom sections, its memory and
    /// tables capped. Fuel is the same as the original's.
    pub bytes: Vec<u8>,
    /// What it exports and needs.
    pub facts: Facts,
}

/// Checks `module` (binary, hostile) and rewrites it for any runner.
///
/// Takes time linear in the module's size, allocates in proportion, never recurses and never panics.
///
/// # Errors
/// [`Rejection`]: not valid, a proposal outside the list (by name), an import, a start function, a size
/// cap, or a minimum memory above the limit.
pub fn prepare(module: &[u8], limits: &PrepareLimits) -> Result<Prepared, Rejection> {
    caps::module_bytes(module.len())?;
    let facts = validate::validate(module, limits)?;
    let mut sections = Sections::split(module)?;
    if let Some(contents) = sections.get(Section::Memory) {
        let capped = cap_memories(contents, limits)?;
        sections.set(Section::Memory, capped);
    }
    if let Some(contents) = sections.get(Section::Table) {
        let capped = cap_tables(contents, limits)?;
        sections.set(Section::Table, capped);
    }
    Ok(Prepared { bytes: sections.finish()?, facts })
}

/// The memory section with every maximum at or below the limit.
fn cap_memories(contents: &[u8], limits: &PrepareLimits) -> Result<Vec<u8>, Rejection> {
    let cap_pages = limits.memory_bytes / Limits::PAGE_BYTES;
    let reader = MemorySectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    let mut out = Vec::new();
    reader.count().encode(&mut out);
    for memory in reader {
        let memory = memory.map_err(|error| invalid(&error))?;
        let maximum = memory.maximum.map_or(cap_pages, |maximum| maximum.min(cap_pages));
        let capped = MemoryType {
            minimum: memory.initial,
            maximum: Some(maximum),
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        capped.encode(&mut out);
    }
    Ok(out)
}

/// The table section with every maximum at or below the limit.
fn cap_tables(contents: &[u8], limits: &PrepareLimits) -> Result<Vec<u8>, Rejection> {
    let cap = u64::from(limits.table_elements);
    let reader = TableSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    let mut out = Vec::new();
    reader.count().encode(&mut out);
    for table in reader {
        let table = table.map_err(|error| invalid(&error))?;
        // Initial expressions and other element types belong to refused proposals.
        if !matches!(table.init, TableInit::RefNull) || table.ty.element_type != RefType::FUNCREF {
            return Err(malformed("a table's elements must be plain function references"));
        }
        let capped = TableType {
            element_type: wasm_encoder::RefType::FUNCREF,
            minimum: table.ty.initial,
            maximum: Some(table.ty.maximum.map_or(cap, |maximum| maximum.min(cap))),
            table64: false,
            shared: false,
        };
        capped.encode(&mut out);
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
