//! Whether a result is the one that a model wrote down.

use frugal_guests::Tagged;

/// Floats this near each other, relative to the larger and at least 1, are one: a person writes few digits.
const FLOAT_TOLERANCE: f64 = 1e-9;

/// Whether `output` is what `expected` means: Python's `==`, where a tuple may stand for a list and a float may be rounded.
/// NaN and what cannot be handed over equal nothing.
pub(crate) fn agrees(output: &Tagged, expected: &Tagged) -> bool {
    match (output, expected) {
        (Tagged::List(a) | Tagged::Tuple(a), Tagged::List(b) | Tagged::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agrees(a, b))
        }
        (Tagged::Dict(a), Tagged::Dict(b)) => {
            let has = |(key, value): &(Tagged, Tagged)| b.iter().any(|(k, v)| agrees(key, k) && agrees(value, v));
            a.len() == b.len() && a.iter().all(has)
        }
        (Tagged::Set(a) | Tagged::FrozenSet(a), Tagged::Set(b) | Tagged::FrozenSet(b)) => {
            a.len() == b.len() && a.iter().all(|item| b.iter().any(|other| agrees(item, other)))
        }
        (Tagged::Float(_), _) | (_, Tagged::Float(_)) => match (number(output), number(expected)) {
            (Some(a), Some(b)) => a == b || (a - b).abs() <= FLOAT_TOLERANCE * a.abs().max(b.abs()).max(1.0),
            _ => false,
        },
        (Tagged::Bool(_), Tagged::Int(_)) | (Tagged::Int(_), Tagged::Bool(_)) => number(output) == number(expected),
        (a, b) => a.same_value(b),
    }
}

fn number(value: &Tagged) -> Option<f64> {
    match value {
        Tagged::Float(float) => Some(*float),
        Tagged::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Tagged::Int(integer) => integer.to_string().parse().ok(),
        _ => None,
    }
}
