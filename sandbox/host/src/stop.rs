//! Why the engine stopped.

use frugal_fuel::TrapKind;
use wasmtime::Trap;

/// Raised inside a run by the epoch callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Interrupt {
    /// The caller's token was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The wall clock passed the job's deadline.
    #[error("past the deadline")]
    PastDeadline,
}

/// The engine's error, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EngineStop {
    Cancelled,
    PastDeadline,
    OutOfFuel,
    OutOfDepth,
    Trapped(TrapKind),
    /// Not a trap at all: the machinery's fault.
    Failed(String),
}

impl EngineStop {
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        if let Some(interrupt) = error.downcast_ref::<Interrupt>() {
            return match interrupt {
                Interrupt::Cancelled => Self::Cancelled,
                Interrupt::PastDeadline => Self::PastDeadline,
            };
        }
        let Some(trap) = error.downcast_ref::<Trap>() else { return Self::Failed(format!("{error:#}")) };
        match trap {
            Trap::OutOfFuel => Self::OutOfFuel,
            Trap::StackOverflow => Self::OutOfDepth,
            Trap::UnreachableCodeReached => Self::Trapped(TrapKind::Unreachable),
            Trap::MemoryOutOfBounds => Self::Trapped(TrapKind::MemoryOutOfBounds),
            Trap::TableOutOfBounds => Self::Trapped(TrapKind::TableOutOfBounds),
            Trap::IntegerDivisionByZero => Self::Trapped(TrapKind::DivideByZero),
            // V8 has one sentence for each of these pairs.
            Trap::IntegerOverflow | Trap::BadConversionToInteger => Self::Trapped(TrapKind::IntegerOverflow),
            Trap::BadSignature | Trap::IndirectCallToNull => Self::Trapped(TrapKind::IndirectCallTypeMismatch),
            _ => Self::Trapped(TrapKind::Other),
        }
    }
}
