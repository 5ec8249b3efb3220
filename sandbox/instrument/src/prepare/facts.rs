//! What runners need to know of a prepared module, and the one check of a call.

use frugal_fuel::{Rejection, Value, ValueType};

/// What a prepared module exports and needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Exported functions, in the module's order.
    pub functions: Vec<FunctionExport>,
    /// Minimum of its memory, in 65,536-byte pages; 0 without a memory.
    pub memory_min_pages: u64,
    /// What its memory may grow to after capping, in pages; 0 without a memory.
    pub memory_max_pages: u64,
}

/// An exported function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionExport {
    /// Its export name. Hostile text: escape before showing.
    pub name: String,
    /// Parameter types; `Err` holds the name of a type without a portable form, such as `v128`.
    pub parameters: Vec<Result<ValueType, String>>,
    /// Result types, likewise.
    pub results: Vec<Result<ValueType, String>>,
}

/// Types of a call that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Types of the arguments, in order.
    pub parameters: Vec<ValueType>,
    /// Types of the results, in order.
    pub results: Vec<ValueType>,
}

/// Names listed in a rejection, at most; a module may export very many.
const NAMES_SHOWN: usize = 20;

/// Checks that `export` can be called with `arguments`, and gives its types.
///
/// # Errors
/// [`Rejection::MissingExport`], [`Rejection::UnsupportedType`] or [`Rejection::Arguments`].
pub fn check_call(facts: &Facts, export: &str, arguments: &[Value]) -> Result<Signature, Rejection> {
    let Some(function) = facts.functions.iter().find(|function| function.name == export) else {
        return Err(Rejection::MissingExport { name: export.to_owned(), available: available(facts) });
    };
    let portable = |types: &[Result<ValueType, String>]| {
        types
            .iter()
            .cloned()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|value_type| Rejection::UnsupportedType { export: export.to_owned(), value_type })
    };
    let signature = Signature { parameters: portable(&function.parameters)?, results: portable(&function.results)? };
    let actual: Vec<_> = arguments.iter().map(|argument| argument.value_type()).collect();
    if actual != signature.parameters {
        return Err(Rejection::arguments(export, &signature.parameters, &actual));
    }
    Ok(signature)
}

/// The exported functions' names for a message, cut after [`NAMES_SHOWN`].
fn available(facts: &Facts) -> String {
    let names: Vec<_> = facts
        .functions
        .iter()
        .take(NAMES_SHOWN)
        .map(|function| format!("`{}`", function.name.escape_debug()))
        .collect();
    match facts.functions.len().checked_sub(NAMES_SHOWN) {
        _ if names.is_empty() => "nothing".to_owned(),
        Some(more) if more > 0 => format!("{} and {more} more", names.join(", ")),
        _ => names.join(", "),
    }
}
