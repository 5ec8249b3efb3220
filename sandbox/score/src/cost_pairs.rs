use crate::ScoreError;
use crate::cost_ratio::geometric_mean;
use crate::numbers::{positive, same_length};

/// Two models on the tasks that both solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostPair {
    /// How many.
    pub common_tasks: usize,
    /// Those on which the row's model is cheaper.
    pub wins: usize,
    /// Those on which both cost the same.
    pub ties: usize,
    /// Geometric mean over common tasks of the row's cost over the column's: below 1 the row's model is cheaper.
    pub cost_ratio: f64,
}

/// The table of pairs: `[row][column]`, `None` on the diagonal and where two models solved no task together.
///
/// `models[m][t]` is what model m's solutions of task t cost, above 0, in one unit for each task; `None` where it solved
/// none. On common tasks alone a model gains nothing from failing the hard ones. O(models^2 * tasks).
///
/// Trap: a ratio of geometric means over different tasks would be another number; this one compares task by task.
///
/// # Errors
/// [`ScoreError::Empty`] without models, [`ScoreError::Length`] when models have different tasks,
/// [`ScoreError::NotPositive`] for a cost that is not finite and above 0.
pub fn cost_pairs(models: &[Vec<Option<f64>>]) -> Result<Vec<Vec<Option<CostPair>>>, ScoreError> {
    let tasks = models.first().ok_or(ScoreError::Empty { what: "models" })?.len();
    for model in models {
        same_length("tasks of a model", model.len(), tasks)?;
        for &cost in model.iter().flatten() {
            positive("a task's cost", cost)?;
        }
    }
    let cell = |row: usize, column: usize| if row == column { Ok(None) } else { pair(&models[row], &models[column]) };
    (0..models.len()).map(|row| (0..models.len()).map(|column| cell(row, column)).collect()).collect()
}

fn pair(mine: &[Option<f64>], theirs: &[Option<f64>]) -> Result<Option<CostPair>, ScoreError> {
    let (mut wins, mut ties, mut ratios) = (0, 0, Vec::new());
    for (mine, theirs) in mine.iter().zip(theirs).filter_map(|(mine, theirs)| Some(((*mine)?, (*theirs)?))) {
        wins += usize::from(mine < theirs);
        ties += usize::from(mine == theirs);
        ratios.push(mine / theirs);
    }
    if ratios.is_empty() {
        return Ok(None);
    }
    Ok(Some(CostPair { common_tasks: ratios.len(), wins, ties, cost_ratio: geometric_mean(&ratios)? }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hand_sums() {
        let models = [
            vec![Some(2.0), Some(8.0), None, Some(3.0)],
            vec![Some(4.0), Some(4.0), Some(1.0), Some(3.0)],
            vec![None, None, Some(5.0), None],
        ];
        let table = cost_pairs(&models).unwrap();
        let first = table[0][1].unwrap();
        assert_eq!((first.common_tasks, first.wins, first.ties), (3, 1, 1));
        assert!((first.cost_ratio - 1.0).abs() < 1e-12, "a half, a double and an equal");
        assert_eq!(table[1][0].unwrap().wins, 1);
        assert_eq!((table[0][0], table[0][2]), (None, None), "no task in common");
        assert!((table[1][2].unwrap().cost_ratio - 0.2).abs() < 1e-12);
        assert!((table[2][1].unwrap().cost_ratio - 5.0).abs() < 1e-12, "the other way up");
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(cost_pairs(&[]).is_err() && cost_pairs(&[vec![Some(1.0)], vec![]]).is_err());
        assert!(cost_pairs(&[vec![Some(0.0)]]).is_err() && cost_pairs(&[vec![Some(f64::NAN)]]).is_err());
        assert_eq!(cost_pairs(&[vec![Some(1.0)]]).unwrap(), [[None]]);
    }
}
