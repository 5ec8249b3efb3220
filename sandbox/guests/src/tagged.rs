//! Values as guests exchange them.

use crate::Integer;

/// Most nesting levels of a value; the Python guest refuses deeper ones too.
pub const DEPTH_MAX: usize = 200;

/// A value of a guest's language, without loss.
///
/// `PartialEq` compares structure: the order of sets and dicts counts, and NaN differs from itself. Use
/// [`Tagged::same_value`] to compare as Python does with `type(a) == type(b) and a == b` at each level.
#[derive(Debug, Clone, PartialEq)]
pub enum Tagged {
    /// Python's `None`, JavaScript's `null`.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer of any length; a `BigInt` in JavaScript.
    Int(Integer),
    /// A float, NaN and infinities included; a `Number` in JavaScript.
    Float(f64),
    /// Text.
    Str(String),
    /// Text with lone surrogates, which UTF-8 cannot carry, as code points.
    Surrogates(Vec<u32>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A list; an array in JavaScript.
    List(Vec<Tagged>),
    /// A tuple.
    Tuple(Vec<Tagged>),
    /// Key and value pairs in their order.
    Dict(Vec<(Tagged, Tagged)>),
    /// A set, in the guest's order.
    Set(Vec<Tagged>),
    /// A frozenset, in the guest's order.
    FrozenSet(Vec<Tagged>),
    /// A value that has no such form. Never the same as anything, itself included.
    Opaque {
        /// Name of its type.
        type_name: String,
        /// Its printed form, shortened. Hostile text.
        repr: String,
    },
}

impl Tagged {
    /// Whether both are values of the same type that compare equal, at every level.
    ///
    /// Sets and dicts compare without order, NaN and opaque values with nothing, 0.0 with -0.0.
    pub fn same_value(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Complex(a, b), Self::Complex(c, d)) => a == c && b == d,
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_value(b))
            }
            (Self::Set(a), Self::Set(b)) | (Self::FrozenSet(a), Self::FrozenSet(b)) => {
                same_unordered(a, b, Self::sort_key, Self::same_value)
            }
            (Self::Dict(a), Self::Dict(b)) => same_unordered(
                a,
                b,
                |(key, _)| key.sort_key(),
                |(key_a, a), (key_b, b)| key_a.same_value(key_b) && a.same_value(b),
            ),
            (Self::Opaque { .. }, _) | (_, Self::Opaque { .. }) => false,
            (a, b) => a == b,
        }
    }

    /// Text that is equal for equal values, to bring unordered ones into one order.
    fn sort_key(&self) -> String {
        match self {
            Self::Float(zero) if *zero == 0.0 => "0.0".to_owned(),
            Self::FrozenSet(items) => {
                let mut keys: Vec<_> = items.iter().map(Self::sort_key).collect();
                keys.sort_unstable();
                format!("f{keys:?}")
            }
            Self::Tuple(items) => format!("t{:?}", items.iter().map(Self::sort_key).collect::<Vec<_>>()),
            other => other.to_json(),
        }
    }
}

/// Compares after sorting both by key. Items of one set differ, so equal keys meet their partner.
fn same_unordered<T>(a: &[T], b: &[T], key: impl Fn(&T) -> String, same: impl Fn(&T, &T) -> bool) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let sorted = |items: &[T]| {
        let mut order: Vec<_> = items.iter().enumerate().map(|(index, item)| (key(item), index)).collect();
        order.sort_unstable();
        order
    };
    sorted(a).into_iter().zip(sorted(b)).all(|((_, i), (_, j))| same(&a[i], &b[j]))
}

impl From<i64> for Tagged {
    fn from(value: i64) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Tagged {
    fn from(value: &str) -> Self {
        Self::Str(value.to_owned())
    }
}
