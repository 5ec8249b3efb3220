//! What the passes need to know about each operator: its price, and what it does to a NaN.

use std::sync::LazyLock;

use frugal_fuel::CostTable;
use wasmparser::Operator;

/// Defines the dense index of every operator and the list of their names.
macro_rules! define_operators {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        #[repr(u16)]
        enum Index { $($op),* }

        /// Names of all operators, in the order of their indices.
        const NAMES: &[&str] = &[$(stringify!($op)),*];

        /// Index of `operator` in [`NAMES`], or `None` for an operator newer than this list.
        fn index(operator: &Operator<'_>) -> Option<usize> {
            Some(match operator {
                $(Operator::$op { .. } => Index::$op as usize,)*
                _ => return None,
            })
        }
    };
}
wasmparser::for_each_operator!(define_operators);

/// Prices by index; `None` where the cost table has none because the proposal is refused.
static PRICES: LazyLock<Vec<Option<u8>>> =
    LazyLock::new(|| NAMES.iter().map(|name| CostTable::FUEL_1.flat(name)).collect());

/// Flat price of `operator` in fuel units; `None` where the table does not price it.
pub(crate) fn price(operator: &Operator<'_>) -> Option<u8> {
    index(operator).and_then(|at| PRICES[at])
}

/// wasmparser's name of `operator`, for messages.
pub(crate) fn name(operator: &Operator<'_>) -> &'static str {
    index(operator).map_or("unknown", |at| NAMES[at])
}

/// Shapes of float values: which comparison finds a NaN, and which constant replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FloatShape {
    F32,
    F64,
    F32x4,
    F64x2,
}

/// Shape of the result of an operator whose NaN bits engines may choose.
///
/// These are the operators that become the instructions listed in cranelift-codegen 0.135.8
/// `nan_canonicalization.rs` (`is_fp_arith`); negation, absolute value, copysign, pmin and pmax keep
/// bits by definition.
pub(crate) fn makes_nan(operator: &Operator<'_>) -> Option<FloatShape> {
    use Operator as O;
    Some(match operator {
        O::F32Add | O::F32Sub | O::F32Mul | O::F32Div | O::F32Min | O::F32Max => FloatShape::F32,
        O::F32Sqrt | O::F32Ceil | O::F32Floor | O::F32Trunc | O::F32Nearest => FloatShape::F32,
        O::F32DemoteF64 => FloatShape::F32,
        O::F64Add | O::F64Sub | O::F64Mul | O::F64Div | O::F64Min | O::F64Max => FloatShape::F64,
        O::F64Sqrt | O::F64Ceil | O::F64Floor | O::F64Trunc | O::F64Nearest => FloatShape::F64,
        O::F64PromoteF32 => FloatShape::F64,
        O::F32x4Add | O::F32x4Sub | O::F32x4Mul | O::F32x4Div | O::F32x4Min | O::F32x4Max => FloatShape::F32x4,
        O::F32x4Sqrt | O::F32x4Ceil | O::F32x4Floor | O::F32x4Trunc | O::F32x4Nearest => FloatShape::F32x4,
        O::F32x4DemoteF64x2Zero => FloatShape::F32x4,
        O::F64x2Add | O::F64x2Sub | O::F64x2Mul | O::F64x2Div | O::F64x2Min | O::F64x2Max => FloatShape::F64x2,
        O::F64x2Sqrt | O::F64x2Ceil | O::F64x2Floor | O::F64x2Trunc | O::F64x2Nearest => FloatShape::F64x2,
        O::F64x2PromoteLowF32x4 => FloatShape::F64x2,
        _ => return None,
    })
}

/// True where `operator`, taking a float of `shape` from the top of the stack, gives the same result
/// whatever the bits of a NaN there: it compares it, converts it to an integer, drops it, or makes a
/// NaN of its own that is canonicalised in turn.
pub(crate) fn ignores_nan_bits(operator: &Operator<'_>, shape: FloatShape) -> bool {
    use Operator as O;
    if matches!(operator, O::Drop) {
        return true;
    }
    match shape {
        FloatShape::F32 => match operator {
            O::F32DemoteF64 => false,
            O::F64PromoteF32 | O::F32Eq | O::F32Ne | O::F32Lt | O::F32Gt | O::F32Le | O::F32Ge => true,
            O::I32TruncF32S | O::I32TruncF32U | O::I64TruncF32S | O::I64TruncF32U => true,
            O::I32TruncSatF32S | O::I32TruncSatF32U | O::I64TruncSatF32S | O::I64TruncSatF32U => true,
            _ => makes_nan(operator) == Some(FloatShape::F32),
        },
        FloatShape::F64 => match operator {
            O::F64PromoteF32 => false,
            O::F32DemoteF64 | O::F64Eq | O::F64Ne | O::F64Lt | O::F64Gt | O::F64Le | O::F64Ge => true,
            O::I32TruncF64S | O::I32TruncF64U | O::I64TruncF64S | O::I64TruncF64U => true,
            O::I32TruncSatF64S | O::I32TruncSatF64U | O::I64TruncSatF64S | O::I64TruncSatF64U => true,
            _ => makes_nan(operator) == Some(FloatShape::F64),
        },
        FloatShape::F32x4 => {
            makes_nan(operator) == Some(FloatShape::F32x4) && !matches!(operator, O::F32x4DemoteF64x2Zero)
        }
        FloatShape::F64x2 => {
            makes_nan(operator) == Some(FloatShape::F64x2) && !matches!(operator, O::F64x2PromoteLowF32x4)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_priced_operator_exists_in_the_parser() {
        for (operator, _) in CostTable::FUEL_1.operators() {
            // One name of the table belongs to a later encoding of `select`.
            assert!(NAMES.contains(operator) || *operator == "TypedSelectMulti", "{operator}");
        }
        assert_eq!(price(&Operator::I32Add), Some(1));
        assert_eq!(price(&Operator::Nop), Some(0));
        assert_eq!(price(&Operator::CallRef { type_index: 0 }), None);
    }
}
