//! What a job can come to. Outcomes are measured; only infrastructure failures are errors.

use crate::ValueType;

/// How a job ended. Fuel of any outcome but [`Outcome::Finished`] is a lower bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It ran to its end within every limit.
    Finished,
    /// It needed more fuel than its limit, in the phase named (for modules always [`Phase::Call`]).
    OutOfFuel {
        /// Where the fuel ran out.
        phase: Phase,
    },
    /// It was denied memory and did not finish.
    OutOfMemory,
    /// It nested calls too deeply.
    OutOfDepth,
    /// Its result and output together were larger than the limit.
    OutputTooLarge,
    /// The wall-clock deadline passed.
    PastDeadline,
    /// WebAssembly trapped.
    Trapped {
        /// What kind of trap.
        kind: TrapKind,
    },
    /// The guest's language reported an error, such as an uncaught exception.
    GuestError {
        /// In which phase.
        phase: Phase,
        /// The guest's own message, JSON as `sandbox/guests` documents it. Hostile text: escape before showing.
        message: String,
    },
    /// It was refused before it ran.
    Rejected {
        /// Why, and what to mend.
        reason: Rejection,
    },
}

impl Outcome {
    /// The name used in every report: a lower-case word with underscores.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::OutOfFuel { .. } => "out_of_fuel",
            Self::OutOfMemory => "out_of_memory",
            Self::OutOfDepth => "out_of_depth",
            Self::OutputTooLarge => "output_too_large",
            Self::PastDeadline => "past_deadline",
            Self::Trapped { .. } => "trapped",
            Self::GuestError { .. } => "guest_error",
            Self::Rejected { .. } => "rejected",
        }
    }
}

/// Phases of a guest job, in order. See [`crate::GuestJob`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Compile the source and execute its top level.
    Define,
    /// Decode the arguments.
    Prepare,
    /// The measured call.
    Call,
    /// Encode what it returned.
    Result,
}

impl Phase {
    /// The name used in every report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Define => "define",
            Self::Prepare => "prepare",
            Self::Call => "call",
            Self::Result => "result",
        }
    }
}

/// Kinds of WebAssembly trap that every engine tells apart.
///
/// What some engine has one sentence for is one kind here, so that a report does not depend on the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrapKind {
    /// `unreachable` was executed.
    Unreachable,
    /// A memory access, or a bulk memory operation, was out of bounds.
    MemoryOutOfBounds,
    /// A table access, or a bulk table operation, was out of bounds.
    TableOutOfBounds,
    /// An integer was divided by zero.
    DivideByZero,
    /// An integer result does not fit: of a division, or of converting a float, which may be a NaN.
    IntegerOverflow,
    /// An indirect call met an empty slot, or a function of another type.
    IndirectCallTypeMismatch,
    /// Any other trap.
    Other,
}

impl TrapKind {
    /// The name used in every report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::MemoryOutOfBounds => "memory_out_of_bounds",
            Self::TableOutOfBounds => "table_out_of_bounds",
            Self::DivideByZero => "divide_by_zero",
            Self::IntegerOverflow => "integer_overflow",
            Self::IndirectCallTypeMismatch => "indirect_call_type_mismatch",
            Self::Other => "other",
        }
    }
}

/// Why a job was refused before it ran. Each message says what, where, and how to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Not a valid WebAssembly module.
    #[error("not a valid WebAssembly module, at byte {offset}: {message}")]
    Invalid {
        /// Byte offset in the module.
        offset: u64,
        /// The validator's sentence.
        message: String,
    },
    /// Uses a WebAssembly proposal outside the list.
    #[error(
        "uses the WebAssembly proposal `{proposal}`, which is switched off because fuel is not exact there; build without it"
    )]
    Proposal {
        /// The proposal's common name, such as `threads`.
        proposal: String,
    },
    /// Imports something; nothing is offered.
    #[error("import `{module}.{name}` is not offered; a module must run without imports")]
    ForbiddenImport {
        /// Import module.
        module: String,
        /// Import name.
        name: String,
    },
    /// Has a start function.
    #[error("has a start function, which would run before counting begins; export a function and call it instead")]
    StartFunction,
    /// Exceeds a size cap.
    #[error("{what} is {actual}, above the cap of {cap}; make the module smaller")]
    TooLarge {
        /// What was counted, with its unit.
        what: String,
        /// How much the module has.
        actual: u64,
        /// The cap.
        cap: u64,
    },
    /// Its minimum memory does not fit.
    #[error(
        "memory limit of {limit_bytes} bytes is below the module's minimum of {needed_bytes}; raise `memory_bytes`"
    )]
    MemoryTooSmall {
        /// The job's limit.
        limit_bytes: u64,
        /// The module's minimum.
        needed_bytes: u64,
    },
    /// There is no such exported function.
    #[error("there is no exported function `{name}`; the module exports: {available}")]
    MissingExport {
        /// The name asked for.
        name: String,
        /// Names that exist, or `nothing`.
        available: String,
    },
    /// Arguments do not fit the export.
    #[error("export `{export}` takes ({expected}), but the arguments are ({actual})")]
    Arguments {
        /// Name of the export.
        export: String,
        /// Its parameter types.
        expected: String,
        /// The argument types.
        actual: String,
    },
    /// The export takes or returns a type that has no portable form.
    #[error("export `{export}` uses the type {value_type}; use i32, i64, f32 or f64")]
    UnsupportedType {
        /// Name of the export.
        export: String,
        /// The type.
        value_type: String,
    },
    /// Instantiation failed, such as an active segment out of bounds.
    #[error("the module cannot be instantiated: {message}")]
    Instantiation {
        /// The engine's sentence.
        message: String,
    },
    /// Compilation passed its caps of time or memory.
    #[error("compiling the module took more than its cap of {what}; split large functions")]
    CompileCap {
        /// Which cap.
        what: String,
    },
    /// Code under test read or forged the fuel marks.
    #[error("the code called the fuel marks itself ({marks} marks instead of 2); it cannot be scored")]
    Marks {
        /// How many marks were seen.
        marks: u32,
    },
    /// The call cost less than measuring nothing does, so the code under test changed how it is measured.
    #[error(
        "the call cost {raw} units, but measuring no call at all cost {baseline}: the code meddled with its own measurement, so it cannot be scored"
    )]
    BelowBaseline {
        /// Fuel between the marks of the call.
        raw: u64,
        /// Fuel between the marks with no call.
        baseline: u64,
    },
    /// Code under test touched the marks of its profile.
    #[error("the code meddled with the marks of its own profile, so its fuel cannot be attributed")]
    Profile,
    /// A request that no runner can honour.
    #[error("{message}")]
    Request {
        /// What to mend.
        message: String,
    },
}

impl Rejection {
    /// Builds [`Rejection::Arguments`] from types.
    pub fn arguments(export: &str, expected: &[ValueType], actual: &[ValueType]) -> Self {
        let join = |types: &[ValueType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Self::Arguments { export: export.to_owned(), expected: join(expected), actual: join(actual) }
    }
}
