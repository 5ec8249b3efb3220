//! The cost table in the engine's own form.

use frugal_fuel::CostTable;
use wasmtime::{OperatorCost, VariableOperatorCost};

/// Price of operators that the table does not list. Their proposals are refused, so nobody pays it.
const UNPRICED_UNITS: u8 = 1;

fn price(table: &CostTable, operator: &str) -> u8 {
    table.flat(operator).unwrap_or(UNPRICED_UNITS)
}

/// Writes out every field of the engine's tables: no default is used, so no upgrade of the engine can
/// move a price, and an upgrade that adds a field or an operator does not compile until it is priced.
macro_rules! define_operator_cost {
    ($(@$proposal:ident $operator:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        pub(crate) fn operator_cost(table: &CostTable) -> OperatorCost {
            OperatorCost {
                $($operator: price(table, stringify!($operator)),)*
                variable: variable_cost(table),
            }
        }

        #[cfg(test)]
        const ENGINE_OPERATORS: &[(&str, &str)] = &[$((stringify!($operator), stringify!($proposal)),)*];
    };
}
wasmparser::for_each_operator!(define_operator_cost);

fn variable_cost(table: &CostTable) -> VariableOperatorCost {
    let prices = table.variable;
    VariableOperatorCost {
        memory_copy_per_byte: prices.memory_copy_per_byte,
        memory_fill_per_byte: prices.memory_fill_per_byte,
        memory_init_per_byte: prices.memory_init_per_byte,
        memory_grow_per_page: prices.memory_grow_per_page,
        table_copy_per_element: prices.table_copy_per_element,
        table_fill_per_element: prices.table_fill_per_element,
        table_init_per_element: prices.table_init_per_element,
        table_grow_per_element: prices.table_grow_per_element,
        array_copy_per_element: UNPRICED_UNITS,
        array_fill_per_element: UNPRICED_UNITS,
        array_new_data_per_element: UNPRICED_UNITS,
        array_init_data_per_element: UNPRICED_UNITS,
        array_new_elem_per_element: UNPRICED_UNITS,
        array_init_elem_per_element: UNPRICED_UNITS,
        array_new_default_per_element: UNPRICED_UNITS,
        array_new_per_element: UNPRICED_UNITS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_equals_what_this_engine_charges_by_default() {
        assert_eq!(operator_cost(&CostTable::FUEL_1), OperatorCost::new());
        assert_eq!(CostTable::FUEL_1.function_entry, 1, "the engine's charge per entry is fixed at 1");
    }

    #[test]
    fn table_prices_exactly_the_operators_of_the_proposals_in_use() {
        // `TypedSelectMulti` comes with the GC proposal's group in the parser but is reference types' own form.
        let used =
            ["mvp", "sign_extension", "saturating_float_to_int", "bulk_memory", "reference_types", "simd", "tail_call"];
        for &(operator, proposal) in ENGINE_OPERATORS {
            let priced = CostTable::FUEL_1.flat(operator).is_some();
            assert_eq!(priced, used.contains(&proposal), "{operator} of proposal {proposal}");
        }
        for (operator, _) in CostTable::FUEL_1.operators() {
            assert!(ENGINE_OPERATORS.iter().any(|(name, _)| name == operator), "the engine has no {operator}");
        }
    }
}
