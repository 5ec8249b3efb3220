//! Which trap a browser's error message means.

use frugal_fuel::TrapKind;

/// Phrases of V8, SpiderMonkey and JavaScriptCore, lower case, most specific first. The kinds are part of
/// a measurement, so a phrase nobody knows becomes [`TrapKind::Other`] rather than a guess.
const PHRASES: &[(&str, TrapKind)] = &[
    // Tables before memory, because both are "out of bounds".
    ("table index is out of bounds", TrapKind::TableOutOfBounds),
    ("table index out of bounds", TrapKind::TableOutOfBounds),
    ("table access out of bounds", TrapKind::TableOutOfBounds),
    ("out of bounds table access", TrapKind::TableOutOfBounds),
    ("table or its element segment out of bounds", TrapKind::TableOutOfBounds),
    ("element segment out of bounds", TrapKind::TableOutOfBounds),
    ("element segment is out of bounds", TrapKind::TableOutOfBounds),
    ("out of bounds call_indirect", TrapKind::TableOutOfBounds),
    ("memory access out of bounds", TrapKind::MemoryOutOfBounds),
    ("out of bounds memory access", TrapKind::MemoryOutOfBounds),
    ("data segment out of bounds", TrapKind::MemoryOutOfBounds),
    ("data segment is out of bounds", TrapKind::MemoryOutOfBounds),
    ("index out of bounds", TrapKind::MemoryOutOfBounds),
    ("signature mismatch", TrapKind::IndirectCallTypeMismatch),
    ("signature does not match", TrapKind::IndirectCallTypeMismatch),
    ("null function", TrapKind::IndirectCallTypeMismatch),
    ("indirect call to null", TrapKind::IndirectCallTypeMismatch),
    ("call_indirect to a null", TrapKind::IndirectCallTypeMismatch),
    ("divide by zero", TrapKind::DivideByZero),
    ("division by zero", TrapKind::DivideByZero),
    ("remainder by zero", TrapKind::DivideByZero),
    ("divide result unrepresentable", TrapKind::IntegerOverflow),
    ("division would overflow", TrapKind::IntegerOverflow),
    ("integer overflow", TrapKind::IntegerOverflow),
    ("float unrepresentable in integer range", TrapKind::IntegerOverflow),
    ("invalid conversion to integer", TrapKind::IntegerOverflow),
    ("out of bounds trunc", TrapKind::IntegerOverflow),
    ("unreachable", TrapKind::Unreachable),
];

/// Reads the message of a `WebAssembly.RuntimeError`.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
pub(crate) fn kind(message: &str) -> TrapKind {
    let message = message.to_lowercase();
    PHRASES.iter().find(|(phrase, _)| message.contains(phrase)).map_or(TrapKind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_sentences_are_known() {
        for (message, expected) in [
            ("unreachable", TrapKind::Unreachable),
            ("unreachable executed", TrapKind::Unreachable),
            ("Unreachable code should not be executed (evaluating 'f()')", TrapKind::Unreachable),
            ("memory access out of bounds", TrapKind::MemoryOutOfBounds),
            ("index out of bounds", TrapKind::MemoryOutOfBounds),
            ("Out of bounds memory access (evaluating 'f()')", TrapKind::MemoryOutOfBounds),
            ("table index is out of bounds", TrapKind::TableOutOfBounds),
            ("divide by zero", TrapKind::DivideByZero),
            ("integer divide by zero", TrapKind::DivideByZero),
            ("Division by zero (evaluating 'f()')", TrapKind::DivideByZero),
            ("divide result unrepresentable", TrapKind::IntegerOverflow),
            ("float unrepresentable in integer range", TrapKind::IntegerOverflow),
            ("invalid conversion to integer", TrapKind::IntegerOverflow),
            ("indirect call signature mismatch", TrapKind::IndirectCallTypeMismatch),
            ("null function", TrapKind::IndirectCallTypeMismatch),
            ("null function or function signature mismatch", TrapKind::IndirectCallTypeMismatch),
            ("indirect call to null", TrapKind::IndirectCallTypeMismatch),
            ("something new", TrapKind::Other),
        ] {
            assert_eq!(kind(message), expected, "{message}");
        }
    }
}
