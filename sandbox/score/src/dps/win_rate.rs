use crate::numbers::{finite, same_length};
use crate::{Bootstrap, Interval, ScoreError, bootstrap, bootstrap_ratio};

/// Shares of rounds that a model wins, ties as half, in [0, 1]; `None` without a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WinRate {
    /// Over every (other model, task) where both have DPS.
    pub task_level: Option<f64>,
    /// Over every other model with a common task, by [`AlignedDps`].
    pub model_level: Option<f64>,
}

/// The intervals of a [`WinRate`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WinRateIntervals {
    /// Of the rate over rounds.
    pub task_level: Option<Interval>,
    /// Of the rate over opponents.
    pub model_level: Option<Interval>,
}

/// Two models' mean DPS on the tasks where both have one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlignedDps {
    /// The row's model, in [0, 100].
    pub dps: f64,
    /// The column's model, on the same tasks.
    pub opponent_dps: f64,
    /// How many tasks they share.
    pub common_tasks: usize,
}

/// The table of pairs: `[row][column]`, `None` on the diagonal and where two models share no task.
///
/// `models[m][t]` is model m's DPS on task t, `None` where it has none. On common tasks alone a model gains nothing from
/// failing the hard ones. O(models^2 * tasks).
///
/// # Errors
/// [`ScoreError::Empty`] without models, [`ScoreError::Length`] when models have different tasks,
/// [`ScoreError::NotFinite`] for a DPS that is NaN or infinite.
pub fn aligned_dps(models: &[Vec<Option<f64>>]) -> Result<Vec<Vec<Option<AlignedDps>>>, ScoreError> {
    check(models)?;
    let pair = |row: usize, column: usize| if row == column { None } else { align(&models[row], &models[column]) };
    Ok((0..models.len()).map(|row| (0..models.len()).map(|column| pair(row, column)).collect()).collect())
}

/// Win rates of each model against all others, `(wins + ties / 2) / rounds`; input as for [`aligned_dps`].
///
/// Trap: at model level a tie is equality of two means, which is exact here since both are summed in task order.
///
/// # Errors
/// Those of [`aligned_dps`].
pub fn win_rates(models: &[Vec<Option<f64>>]) -> Result<Vec<WinRate>, ScoreError> {
    let table = aligned_dps(models)?;
    Ok((0..models.len())
        .map(|row| {
            let others = || (0..models.len()).filter(|&other| other != row);
            let rounds = others().flat_map(|other| common(&models[row], &models[other]));
            let means = table[row].iter().flatten().map(|pair| (pair.dps, pair.opponent_dps));
            WinRate { task_level: rate(rounds), model_level: rate(means) }
        })
        .collect())
}

/// Intervals of each model's win rates; input as for [`aligned_dps`]. `None` for a model without a round.
///
/// Tasks are drawn, each with all its rounds; the opponents stay those that they are. At model level every resample
/// aligns the means anew, on the drawn tasks that two models share.
///
/// Trap: a win rate at model level moves in steps of half an opponent, so that among few models an interval of no width
/// says that no draw changed the order, not that the rate is exact.
///
/// # Errors
/// Those of [`aligned_dps`], of [`crate::bootstrap`] and of [`crate::bootstrap_ratio`].
pub fn win_rate_intervals(
    models: &[Vec<Option<f64>>],
    options: Bootstrap,
) -> Result<Vec<WinRateIntervals>, ScoreError> {
    check(models)?;
    let intervals = |row: usize| {
        let others = || (0..models.len()).filter(|&other| other != row);
        let points = |task: usize| {
            let rounds = others().filter_map(|other| Some((models[row][task]?, models[other][task]?)));
            points(rounds)
        };
        let terms: Vec<(f64, f64)> = (0..models[row].len()).map(points).collect();
        if terms.iter().all(|(_, rounds)| *rounds == 0.0) {
            return Ok(WinRateIntervals { task_level: None, model_level: None });
        }
        let means = |drawn: &[usize]| {
            let pairs = others().filter_map(|other| align_drawn(&models[row], &models[other], drawn));
            rate(pairs.map(|pair| (pair.dps, pair.opponent_dps))).ok_or(ScoreError::Empty { what: "common tasks" })
        };
        Ok(WinRateIntervals {
            task_level: Some(bootstrap_ratio(&terms, options)?),
            model_level: Some(bootstrap(terms.len(), options, means)?),
        })
    };
    (0..models.len()).map(intervals).collect()
}

fn check(models: &[Vec<Option<f64>>]) -> Result<(), ScoreError> {
    let tasks = models.first().ok_or(ScoreError::Empty { what: "models" })?.len();
    for model in models {
        same_length("tasks of a model", model.len(), tasks)?;
        finite("a DPS", &model.iter().flatten().copied().collect::<Vec<_>>())?;
    }
    Ok(())
}

fn common<'a>(one: &'a [Option<f64>], other: &'a [Option<f64>]) -> impl Iterator<Item = (f64, f64)> + use<'a> {
    one.iter().zip(other).filter_map(|(one, other)| Some(((*one)?, (*other)?)))
}

fn align(one: &[Option<f64>], other: &[Option<f64>]) -> Option<AlignedDps> {
    align_pairs(common(one, other))
}

/// The same on tasks by their places, which may stand more than once.
fn align_drawn(one: &[Option<f64>], other: &[Option<f64>], drawn: &[usize]) -> Option<AlignedDps> {
    align_pairs(drawn.iter().filter_map(|&task| Some((one[task]?, other[task]?))))
}

fn align_pairs(pairs: impl Iterator<Item = (f64, f64)>) -> Option<AlignedDps> {
    let (mut dps, mut opponent_dps, mut common_tasks) = (0.0, 0.0, 0);
    for (mine, theirs) in pairs {
        dps += mine;
        opponent_dps += theirs;
        common_tasks += 1;
    }
    let count = common_tasks as f64;
    (common_tasks > 0).then(|| AlignedDps { dps: dps / count, opponent_dps: opponent_dps / count, common_tasks })
}

fn rate(rounds: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (points, count) = points(rounds);
    (count > 0.0).then(|| points / count)
}

/// Rounds won, ties as half, and rounds in all.
fn points(rounds: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    rounds.fold((0.0, 0.0), |(points, count), (mine, theirs)| {
        let won = if mine > theirs { 1.0 } else { f64::from(u8::from(mine == theirs)) / 2.0 };
        (points + won, count + 1.0)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hand_sums() {
        let models = [
            vec![Some(80.0), Some(60.0), None],
            vec![Some(70.0), Some(60.0), Some(10.0)],
            vec![None, Some(90.0), Some(20.0)],
        ];
        let table = aligned_dps(&models).unwrap();
        assert_eq!(table[0][1], Some(AlignedDps { dps: 70.0, opponent_dps: 65.0, common_tasks: 2 }));
        assert_eq!(table[2][1], Some(AlignedDps { dps: 55.0, opponent_dps: 35.0, common_tasks: 2 }));
        assert_eq!(table[1][1], None);
        let rates = win_rates(&models).unwrap();
        // model 0: won, tied against 1; lost against 2
        assert_eq!(rates[0], WinRate { task_level: Some(1.5 / 3.0), model_level: Some(0.5) });
        assert_eq!(rates[1], WinRate { task_level: Some(0.5 / 4.0), model_level: Some(0.0) });
        assert_eq!(rates[2], WinRate { task_level: Some(1.0), model_level: Some(1.0) });
    }

    #[test]
    fn rates_of_all_models_are_even() {
        let dps = |model: u32, task: u32| {
            let value = (model * 7 + task * 13) % 11;
            (value > 2).then(|| f64::from(value))
        };
        let models: Vec<Vec<Option<f64>>> =
            (0..9).map(|model| (0..30).map(|task| dps(model, task)).collect()).collect();
        let rates = win_rates(&models).unwrap();
        let mean = rates.iter().filter_map(|rate| rate.model_level).sum::<f64>() / 9.0;
        assert!((mean - 0.5).abs() < 1e-12, "{mean}");
    }

    #[test]
    fn intervals_hold_the_rates() {
        let dps = |model: u32, task: u32| (task % 4 != model).then(|| f64::from((model * 7 + task * 13) % 11));
        let models: Vec<Vec<Option<f64>>> =
            (0..3).map(|model| (0..40).map(|task| dps(model, task)).collect()).collect();
        let rates = win_rates(&models).unwrap();
        for (rate, interval) in rates.iter().zip(win_rate_intervals(&models, Bootstrap::default()).unwrap()) {
            let levels = [(rate.task_level, interval.task_level), (rate.model_level, interval.model_level)];
            for (rate, interval) in levels.map(|(rate, interval)| (rate.unwrap(), interval.unwrap())) {
                assert_eq!(rate, interval.estimate);
                assert!(interval.low <= rate && rate <= interval.high && interval.low < interval.high, "{interval:?}");
            }
        }
        // The first is ahead on every task that both solved, whichever are drawn.
        let ahead = [vec![Some(3.0), Some(2.0), None], vec![Some(2.0), Some(1.0), Some(9.0)]];
        let ends = |model: usize| {
            let interval = win_rate_intervals(&ahead, Bootstrap::default()).unwrap()[model].model_level.unwrap();
            (interval.low, interval.high)
        };
        assert_eq!((ends(0), ends(1)), ((1.0, 1.0), (0.0, 0.0)));
        let alone = win_rate_intervals(&[vec![Some(1.0), None], vec![None, Some(1.0)]], Bootstrap::default()).unwrap();
        assert_eq!(alone, [WinRateIntervals { task_level: None, model_level: None }; 2]);
    }

    #[test]
    fn nothing_in_common_is_no_round() {
        let rates = win_rates(&[vec![Some(1.0), None], vec![None, Some(1.0)]]).unwrap();
        assert_eq!(rates[0], WinRate { task_level: None, model_level: None });
        assert_eq!(win_rates(&[vec![Some(1.0)]]).unwrap()[0].task_level, None);
    }

    #[test]
    fn impossible_inputs_are_refused() {
        assert!(win_rates(&[]).is_err() && win_rates(&[vec![Some(1.0)], vec![]]).is_err());
        assert!(win_rates(&[vec![Some(f64::NAN)]]).is_err());
    }
}
