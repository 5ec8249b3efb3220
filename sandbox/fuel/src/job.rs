//! What to run.

use std::fmt;

/// One thing to run and measure. Plain data; equal jobs give equal measurements.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// A core WebAssembly module that runs as it is.
    Module(ModuleJob),
    /// Source text run by a language guest.
    Guest(GuestJob),
    /// A woven program run by a language guest, whose fuel is attributed to its functions and places.
    Profile(GuestJob),
}

/// A core module, the export to call, and its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleJob {
    /// The binary module (not text). It may import nothing.
    pub bytes: Vec<u8>,
    /// Name of the exported function to measure.
    pub export: String,
    /// Arguments, one per parameter of the export.
    pub arguments: Vec<Value>,
}

/// Source and input for a language guest, already encoded for it by `sandbox/guests`.
///
/// The phases run in this order in one fresh instance: `define`, `prepare`, `empty`, `empty`, `call`,
/// `result`. Only the part of `call` between its two marks is the measured fuel; the second `empty`
/// is the baseline. The instance's history is part of the measurement, so the order is fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestJob {
    /// Which guest, by language and digest.
    pub guest: Guest,
    /// Request for the `define` phase: the source and how to enter it.
    pub define: Vec<u8>,
    /// Request for the `prepare` phase: the arguments or standard input.
    pub prepare: Vec<u8>,
}

/// A guest interpreter: fuel of two different guests, or of two builds of one guest, is not comparable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guest {
    /// The language it runs.
    pub language: Language,
    /// Interpreter and version, such as `cpython-3.14.0`.
    pub version: String,
    /// Lower-case hexadecimal SHA-256 of the uncompressed artefact.
    pub sha256: String,
}

/// Languages that have a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Language {
    /// CPython for WASI.
    Python,
    /// Boa.
    JavaScript,
}

impl Language {
    /// The name used in files, links and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A WebAssembly number. Floats are held as bits, so that a NaN's payload survives and equality is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
}

impl Value {
    /// The type of this value.
    pub fn value_type(self) -> ValueType {
        match self {
            Self::I32(_) => ValueType::I32,
            Self::I64(_) => ValueType::I64,
            Self::F32(_) => ValueType::F32,
            Self::F64(_) => ValueType::F64,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::I32(v) => write!(f, "{v}"),
            Self::I64(v) => write!(f, "{v}"),
            Self::F32(bits) => write!(f, "{:?}", f32::from_bits(bits)),
            Self::F64(bits) => write!(f, "{:?}", f64::from_bits(bits)),
        }
    }
}

/// Types a measured export may take and return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}
