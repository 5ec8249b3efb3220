//! The order of the table's rows.

use std::cmp::Ordering;

use frugal_wire::EvaluationRow;

/// What the rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Problem, then sample.
    Problem,
    /// Model, then problem.
    Model,
    /// Verdict.
    Verdict,
    /// The suite's score.
    Score,
    /// Net fuel.
    Fuel,
    /// Cost against the reference.
    Ratio,
}

/// A column and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Sorted by this.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// The order after a press on `column`: the other direction, or a new column in its natural direction.
    #[must_use]
    pub fn pressed(self, column: Column) -> Self {
        if self.column == column {
            Self { column, descending: !self.descending }
        } else {
            Self { column, descending: matches!(column, Column::Score | Column::Fuel | Column::Ratio) }
        }
    }

    /// Sorts; equal rows stay in problem order, absent scores and ratios come last either way.
    pub fn sort(self, rows: &mut [EvaluationRow]) {
        rows.sort_by(|a, b| {
            let numbers = match self.column {
                Column::Score => (a.score, b.score),
                _ => (a.cost_ratio, b.cost_ratio),
            };
            let ordering = match self.column {
                Column::Problem => by_problem(a, b),
                Column::Model => (&a.model_name, a.model).cmp(&(&b.model_name, b.model)),
                Column::Verdict => a.verdict.name().cmp(b.verdict.name()),
                Column::Fuel => a.net_fuel.cmp(&b.net_fuel),
                Column::Score | Column::Ratio => match numbers {
                    (Some(a), Some(b)) => a.total_cmp(&b),
                    (Some(_), None) => return Ordering::Less,
                    (None, Some(_)) => return Ordering::Greater,
                    (None, None) => Ordering::Equal,
                },
            };
            if self.descending { ordering.reverse() } else { ordering }.then_with(|| by_problem(a, b))
        });
    }
}

/// `HumanEval/2` before `HumanEval/10`: by the text before the last number, then by the number.
fn by_problem(a: &EvaluationRow, b: &EvaluationRow) -> Ordering {
    fn key(task_id: &str) -> (&str, u64, &str) {
        let stem = task_id.trim_end_matches(|c: char| c.is_ascii_digit());
        (stem, task_id[stem.len()..].parse().unwrap_or(u64::MAX), task_id)
    }
    key(&a.task_id).cmp(&key(&b.task_id)).then((a.model, a.sample).cmp(&(b.model, b.sample)))
}

#[cfg(test)]
mod tests {
    use frugal_report::Verdict;

    use super::*;

    fn row(task_id: &str, sample: u32, net_fuel: u64, cost_ratio: Option<f64>) -> EvaluationRow {
        EvaluationRow {
            task_id: task_id.into(),
            model: 0,
            model_name: None,
            sample,
            verdict: Verdict::Passed,
            passed: true,
            score: Some(1.0),
            net_fuel,
            cost_ratio,
            message: None,
        }
    }

    fn ids(rows: &[EvaluationRow]) -> Vec<(String, u32)> {
        rows.iter().map(|row| (row.task_id.clone(), row.sample)).collect()
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut rows = [row("T/10", 0, 1, None), row("T/2", 1, 1, None), row("T/2", 0, 1, None)];
        Order { column: Column::Problem, descending: false }.sort(&mut rows);
        assert_eq!(ids(&rows), [("T/2".into(), 0), ("T/2".into(), 1), ("T/10".into(), 0)]);
    }

    #[test]
    fn rows_of_a_model_stand_together() {
        let of = |model: u32, task: &str| EvaluationRow {
            model,
            model_name: Some(format!("m{model}")),
            ..row(task, 0, 1, None)
        };
        let mut rows = [of(1, "T/2"), of(0, "T/3"), of(1, "T/1"), of(0, "T/1")];
        Order { column: Column::Model, descending: true }.sort(&mut rows);
        let places: Vec<_> = rows.iter().map(|row| (row.model, row.task_id.as_str())).collect();
        assert_eq!(places, [(1, "T/1"), (1, "T/2"), (0, "T/1"), (0, "T/3")]);
    }

    #[test]
    fn fuel_above_2_to_53_is_told_apart() {
        let mut rows = [row("A", 0, 1 << 53, None), row("B", 0, (1 << 53) + 1, None)];
        Order { column: Column::Fuel, descending: true }.sort(&mut rows);
        assert_eq!(ids(&rows)[0].0, "B");
    }

    #[test]
    fn absent_ratios_come_last_either_way() {
        for descending in [false, true] {
            let mut rows = [row("A", 0, 1, None), row("B", 0, 1, Some(2.0)), row("C", 0, 1, Some(0.5))];
            Order { column: Column::Ratio, descending }.sort(&mut rows);
            assert_eq!(ids(&rows)[2].0, "A");
        }
    }

    #[test]
    fn a_second_press_turns_the_order() {
        let order = Order { column: Column::Problem, descending: false };
        assert!(order.pressed(Column::Fuel).descending);
        assert!(order.pressed(Column::Problem).descending);
        assert!(!order.pressed(Column::Problem).pressed(Column::Problem).descending);
    }
}
