//! The pass that weaves counting code into a module.

mod emit;
mod entry;
mod function;
mod handover;
mod layout;
mod scan;
mod walk;

use frugal_fuel::{Limits, Rejection};
use wasm_encoder::{ConstExpr, Encode, ExportKind, ExportSection, GlobalSection, GlobalType, ImportSection, ValType};
use wasmparser::{BinaryReader, CodeSectionReader, ExportSectionReader, ExternalKind};

use crate::sections::{Section, Sections, encode_length, invalid, malformed};
use layout::{Layout, Meter};

/// Names under which a metered module meets its runner.
pub mod names {
    /// Exports beginning so belong to the meter; [`crate::prepare`] refuses modules that use it.
    pub const RESERVED_PREFIX: &str = "frugal:";
    /// Exported `(global (mut i64))`: the fuel cell, see [`crate::cell_for`].
    pub const FUEL: &str = "frugal:fuel";
    /// Exported `(global (mut i32))`: bits [`crate::FLAG_OUT_OF_DEPTH`] and [`crate::FLAG_MEMORY_DENIED`].
    pub const FLAGS: &str = "frugal:flags";
    /// Exported `(global (mut i32))`, where depth is limited: calls that may still be nested.
    pub const DEPTH: &str = "frugal:depth";
    /// Exported function, where asked for: the uncharged wrapper that passes floats as their bits.
    pub const ENTRY: &str = "frugal:entry";
    /// Module name of the imports of [`crate::Globals::Shared`].
    pub const IMPORT_MODULE: &str = "frugal:meter";
    /// Imported `(global (mut i64))`: the fuel cell.
    pub const IMPORT_FUEL: &str = "fuel";
    /// Imported `(global (mut i32))`: the flags.
    pub const IMPORT_FLAGS: &str = "flags";
    /// Imported `(global i32)`: 65,536-byte pages that a memory may grow to.
    pub const IMPORT_PAGES: &str = "pages";
    /// Imported `(global (mut i32))`, where depth is limited.
    pub const IMPORT_DEPTH: &str = "depth";
}

/// Set in the flags when the depth limiter stopped the run.
pub const FLAG_OUT_OF_DEPTH: i32 = 1;
/// Set in the flags when a `memory.grow` was refused; stays set.
pub const FLAG_MEMORY_DENIED: i32 = 2;

/// Where the meter's globals live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Globals {
    /// The module defines and exports them.
    Own,
    /// The module imports them, so that all core modules of one guest charge one budget and obey one
    /// memory limit, which is set when they are instantiated.
    Shared,
}

/// How a count goes from a caller to what it calls and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// Through the fuel cell: a run that traps has left there what it used up to its last call.
    Cell,
    /// As one more parameter and one more result of every function, which engines keep in registers; the cell
    /// is used only where a call enters or leaves the module. It makes large programs that call much about a
    /// fifth faster in V8, but a run that traps leaves what it used before it entered. Tables that such modules
    /// share hold functions of the longer types, so all modules of one guest must be woven alike.
    Calls,
}

/// How to weave.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Options {
    /// Where the meter's globals live.
    pub globals: Globals,
    /// How counts cross calls.
    pub carrier: Carrier,
    /// Replace every NaN that an operator makes by the canonical one, as the native engine's option does.
    pub canonicalise_nan: bool,
    /// Bound nested calls by a counter that the runner sets before it calls an export. Functions that
    /// call nothing are not counted.
    pub depth: bool,
    /// Also export this function as [`names::ENTRY`], with floats passed as integers of the same bits,
    /// because a host language may change the bits of a NaN. The wrapper itself costs nothing.
    pub entry: Option<String>,
}

/// The fuel cell's value at the start of a run that may use `limit_fuel` units and not one more.
///
/// The cell counts up, and the run stops when it is no longer negative.
pub fn cell_for(limit_fuel: u64) -> i64 {
    // Limits::FUEL_MAX is one below i64::MAX, so only a caller that skipped validation saturates.
    -i64::try_from(limit_fuel.min(Limits::FUEL_MAX)).unwrap_or(i64::MAX - 1) - 1
}

/// Units used since the cell was set to [`cell_for`] the same `limit_fuel`.
pub fn consumed(limit_fuel: u64, cell: i64) -> u64 {
    u64::try_from(i128::from(cell) - i128::from(cell_for(limit_fuel))).unwrap_or(0)
}

/// Rewrites a module so that it counts its fuel.
///
/// `module` comes from [`crate::prepare`], or is a core module of a trusted guest (which may have
/// imports and a start function). Takes linear time; the result validates wherever the input did.
///
/// # Errors
/// [`Rejection`] where the module is malformed, uses an operator without a price, or where
/// [`Options::entry`] names no exported function of numbers.
pub fn instrument(module: &[u8], options: &Options) -> Result<Vec<u8>, Rejection> {
    let mut sections = Sections::split(module)?;
    let mut layout = Layout::read(&sections, options)?;
    if let Some(code) = rewrite_code(&sections, &mut layout, options)? {
        sections.set(Section::Code, code);
    }
    if options.carrier == Carrier::Calls {
        handover::finish(&mut sections, &mut layout)?;
    }
    if let Some(name) = &options.entry {
        entry::find(&sections, &layout, name)?.add(&mut sections, &mut layout)?;
    }
    if layout.meter.shift > 0 {
        let exports = shift_exports(&sections, &layout.meter)?;
        sections.set(Section::Export, exports);
    }
    match options.globals {
        Globals::Own => add_own_globals(&mut sections, &layout.meter)?,
        Globals::Shared => add_imported_globals(&mut sections, &layout.meter)?,
    }
    let types = layout.take_new_types();
    sections.append(Section::Type, types.count, &types.bytes)?;
    sections.finish()
}

/// The code section with every body rewritten.
fn rewrite_code(sections: &Sections<'_>, layout: &mut Layout, options: &Options) -> Result<Option<Vec<u8>>, Rejection> {
    let Some(contents) = sections.get(Section::Code) else { return Ok(None) };
    let reader = CodeSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    let mut out = Vec::with_capacity(contents.len() + contents.len() / 4);
    reader.count().encode(&mut out);
    let mut scratch = function::Scratch::default();
    for (at, body) in reader.into_iter().enumerate() {
        let body = body.map_err(|error| invalid(&error))?;
        function::rewrite(contents, &body, at, layout, options, &mut scratch)?;
        encode_length(scratch.body_len(), &mut out)?;
        scratch.write_to(&mut out);
    }
    Ok(Some(out))
}

const FUEL_TYPE: GlobalType = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
const COUNTER_TYPE: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
const CONSTANT_TYPE: GlobalType = GlobalType { val_type: ValType::I32, mutable: false, shared: false };

/// Defines the meter's globals after the module's own and exports them.
fn add_own_globals(sections: &mut Sections<'_>, meter: &Meter) -> Result<(), Rejection> {
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    // An unset cell means unlimited, so that instantiation cannot run out.
    globals.global(FUEL_TYPE, &ConstExpr::i64_const(i64::MIN));
    exports.export(names::FUEL, ExportKind::Global, meter.fuel);
    globals.global(COUNTER_TYPE, &ConstExpr::i32_const(0));
    exports.export(names::FLAGS, ExportKind::Global, meter.flags);
    if let Some(depth) = meter.depth {
        globals.global(COUNTER_TYPE, &ConstExpr::i32_const(i32::MAX));
        exports.export(names::DEPTH, ExportKind::Global, depth);
    }
    sections.append(Section::Global, globals.len(), &items(&globals))?;
    sections.append(Section::Export, exports.len(), &items(&exports))
}

/// Imports the meter's globals after the module's own imports.
fn add_imported_globals(sections: &mut Sections<'_>, meter: &Meter) -> Result<(), Rejection> {
    let mut imports = ImportSection::new();
    imports.import(names::IMPORT_MODULE, names::IMPORT_FUEL, FUEL_TYPE);
    imports.import(names::IMPORT_MODULE, names::IMPORT_FLAGS, COUNTER_TYPE);
    imports.import(names::IMPORT_MODULE, names::IMPORT_PAGES, CONSTANT_TYPE);
    if meter.depth.is_some() {
        imports.import(names::IMPORT_MODULE, names::IMPORT_DEPTH, COUNTER_TYPE);
    }
    sections.append(Section::Import, imports.len(), &items(&imports))
}

/// The items of an encoded section, without its length and count.
fn items(section: &impl Encode) -> Vec<u8> {
    let mut encoded = Vec::new();
    section.encode(&mut encoded);
    let mut reader = BinaryReader::new(&encoded, 0);
    // What was just encoded begins with its length and its count.
    let past = reader.read_var_u32().and_then(|_| reader.read_var_u32()).map(|_| reader.current_position());
    encoded.split_off(past.unwrap_or(encoded.len()))
}

/// The export section with exported globals renumbered past the imported meter.
fn shift_exports(sections: &Sections<'_>, meter: &Meter) -> Result<Vec<u8>, Rejection> {
    let Some(contents) = sections.get(Section::Export) else { return Ok(vec![0]) };
    let reader = ExportSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    let mut out = Vec::with_capacity(contents.len() + 16);
    reader.count().encode(&mut out);
    for export in reader {
        let export = export.map_err(|error| invalid(&error))?;
        let kind = match export.kind {
            ExternalKind::Func => ExportKind::Func,
            ExternalKind::Table => ExportKind::Table,
            ExternalKind::Memory => ExportKind::Memory,
            ExternalKind::Global => ExportKind::Global,
            _ => return Err(malformed("an export is of a kind that no accepted proposal has")),
        };
        let index = if kind == ExportKind::Global { meter.global(export.index) } else { export.index };
        export.name.encode(&mut out);
        kind.encode(&mut out);
        index.encode(&mut out);
    }
    Ok(out)
}
