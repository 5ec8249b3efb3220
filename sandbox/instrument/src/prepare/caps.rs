//! Size caps on submitted modules: below every engine's own, so that all runners refuse alike.

use frugal_fuel::Rejection;

/// Bytes of the whole module.
pub(super) const MODULE_BYTES: u64 = 32 << 20;
/// Entries of a type, function, global, export, element or data section.
pub(super) const SECTION_ITEMS: u64 = 100_000;
/// Parameters, and likewise results, of one function type.
pub(super) const TYPE_ARITY: u64 = 64;
/// Tables of a module.
pub(super) const TABLES: u64 = 10;
/// Bytes of an export's name.
pub(super) const EXPORT_NAME_BYTES: u64 = 1_000;
/// Bytes of one function body.
pub(super) const BODY_BYTES: u64 = 1 << 20;
/// Parameters and locals of one function. Browsers start code in a compiler that gives each a stack
/// slot of 8 bytes (16 for vectors), so this bounds the frame.
pub(super) const LOCALS: u64 = 2_000;
/// Operands that one function keeps on the stack at once.
pub(super) const OPERANDS: u64 = 2_000;
/// Blocks inside one another.
pub(super) const NESTING: u64 = 10_000;
/// Targets of one `br_table`.
pub(super) const BR_TABLE_TARGETS: u64 = 20_000;
/// How far counting code may blow a module up, as a multiple of its size.
pub(super) const GROWTH_RATIO: u64 = 8;
/// Growth that is always allowed, in bytes, so that the ratio does not refuse small modules.
pub(super) const GROWTH_FREE_BYTES: u64 = 1 << 20;

/// Refuses `actual` above `cap`; `what` names the thing counted, with its unit.
pub(super) fn at_most(what: &str, actual: u64, cap: u64) -> Result<(), Rejection> {
    if actual <= cap { Ok(()) } else { Err(Rejection::TooLarge { what: what.to_owned(), actual, cap }) }
}

/// Refuses a module above [`MODULE_BYTES`].
pub(super) fn module_bytes(actual: usize) -> Result<(), Rejection> {
    at_most("the module, in bytes,", actual as u64, MODULE_BYTES)
}
