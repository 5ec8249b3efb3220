//! Folds what models wrote into a report.

use frugal_report::{Estimate, FuelUnits, Provenance, WRITERS_SCHEMA, WriterReport, WriterTask, WritersReport};
use frugal_score::{Bootstrap, ScoreError, bootstrap_geometric_mean, bootstrap_mean, eff_at_k, pass_at_k};

use super::cost::Worth;

/// Fuel of a program over the cheapest solution's from which on it scores nothing: ENAMEL's α.
const LIMIT_FACTOR: f64 = 2.0;

/// What was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Which tasks.
    pub split: String,
    /// Programs for each task.
    pub samples: u32,
    /// Divides logits.
    pub temperature: f64,
    /// Of programs and inputs.
    pub seed: u64,
    /// Size of the inputs.
    pub input_size: u32,
    /// Calls of each task.
    pub calls: u32,
}

/// A task as it was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredTask {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: String,
    /// Fuel of its own solutions, from the dearest.
    pub solutions: Vec<u64>,
    /// Of each model, what its programs are worth.
    pub worths: Vec<Vec<Worth>>,
}

/// The report. `models`: name and digest of each.
///
/// # Errors
/// [`ScoreError`] without tasks.
pub fn writers_report(
    asked: &Asked,
    models: &[(String, String)],
    tasks: &[MeasuredTask],
    provenance: Provenance,
) -> Result<WritersReport, ScoreError> {
    let solved = |task: &MeasuredTask, model: usize| mean_fuel(&task.worths[model]).is_some();
    let common: Vec<&MeasuredTask> =
        tasks.iter().filter(|task| (0..models.len()).all(|model| solved(task, model))).collect();
    let mut reports = Vec::new();
    for (model, (name, weights_sha256)) in models.iter().enumerate() {
        let over_tasks = |score: &dyn Fn(&MeasuredTask) -> Result<f64, ScoreError>| {
            let scores = tasks.iter().map(score).collect::<Result<Vec<f64>, _>>()?;
            bootstrap_mean(&scores, Bootstrap::default()).map(estimate)
        };
        let pass = |k: fn(u64) -> u64| {
            over_tasks(&|task| {
                let (all, right) = counts(&task.worths[model]);
                pass_at_k(all, right, k(all))
            })
        };
        let efficiency = |k: fn(u64) -> u64| {
            over_tasks(&|task| {
                let reference = task.solutions.iter().copied().min().unwrap_or(1).max(1) as f64;
                let score =
                    |worth: &Worth| worth.fuel().map_or(0.0, |fuel| (LIMIT_FACTOR - fuel as f64 / reference).max(0.0));
                let scores: Vec<f64> = task.worths[model].iter().map(score).collect();
                eff_at_k(&scores, k(scores.len() as u64))
            })
        };
        let ratios: Vec<Vec<f64>> = common
            .iter()
            .filter_map(|task| Some(vec![mean_fuel(&task.worths[model])? / mean_fuel(&task.worths[0])?]))
            .collect();
        let fuel_ratio = match ratios.is_empty() {
            true => None,
            false => Some(estimate(bootstrap_geometric_mean(&ratios, Bootstrap::default())?)),
        };
        reports.push(WriterReport {
            name: name.clone(),
            weights_sha256: weights_sha256.clone(),
            pass_at_1: pass(|_| 1)?,
            pass_at_all: pass(|all| all)?,
            eff_at_1: efficiency(|_| 1)?,
            eff_at_all: efficiency(|all| all)?,
            tasks_solved: count(tasks.iter().filter(|task| solved(task, model)).count()),
            fuel_ratio,
        });
    }
    Ok(WritersReport {
        schema: WRITERS_SCHEMA.to_owned(),
        split: asked.split.clone(),
        samples: asked.samples,
        temperature: asked.temperature,
        seed: asked.seed,
        input_size: asked.input_size,
        calls: asked.calls,
        models: reports,
        common_tasks: count(common.len()),
        tasks: tasks.iter().map(row).collect(),
        provenance,
    })
}

fn row(task: &MeasuredTask) -> WriterTask {
    let right = |worths: &Vec<Worth>| worths.iter().filter_map(|worth| worth.fuel()).map(FuelUnits).collect();
    WriterTask {
        name: task.name.clone(),
        family: task.family.clone(),
        solutions_fuel: task.solutions.iter().copied().map(FuelUnits).collect(),
        fuel: task.worths.iter().map(right).collect(),
    }
}

fn counts(worths: &[Worth]) -> (u64, u64) {
    (worths.len() as u64, worths.iter().filter(|worth| worth.fuel().is_some()).count() as u64)
}

fn mean_fuel(worths: &[Worth]) -> Option<f64> {
    let fuel: Vec<f64> = worths.iter().filter_map(|worth| worth.fuel()).map(|fuel| fuel as f64).collect();
    (!fuel.is_empty()).then(|| fuel.iter().sum::<f64>() / fuel.len() as f64)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn estimate(interval: frugal_score::Interval) -> Estimate {
    crate::agreement::estimate(interval, Bootstrap::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(fuel: u64) -> Worth {
        Worth::Right { fuel }
    }

    #[test]
    fn fuel_is_compared_on_tasks_that_all_models_solve() {
        let task = |name: &str, worths: [Vec<Worth>; 2]| MeasuredTask {
            name: name.to_owned(),
            family: "family".to_owned(),
            solutions: vec![800, 400, 100],
            worths: worths.to_vec(),
        };
        let tasks = [
            task("both", [vec![right(400), right(400)], vec![right(100), right(100)]]),
            task("one", [vec![right(800), Worth::Wrong], vec![Worth::Wrong, Worth::Stopped]]),
        ];
        let asked = Asked { split: "test".to_owned(), samples: 2, temperature: 0.8, seed: 1, input_size: 60, calls: 3 };
        let provenance = Provenance {
            frugal_version: String::new(),
            engine: String::new(),
            meter: String::new(),
            cost_table: String::new(),
            guest: None,
            program_sha256: String::new(),
            key: String::new(),
        };
        let models = [("a".to_owned(), String::new()), ("b".to_owned(), String::new())];
        let report = writers_report(&asked, &models, &tasks, provenance).unwrap();
        let [a, b] = report.models.as_slice() else { panic!("{report:?}") };
        assert_eq!((report.common_tasks, a.tasks_solved, b.tasks_solved), (1, 2, 1));
        assert_eq!((a.pass_at_1.estimate, a.pass_at_all.estimate), (0.75, 1.0));
        assert_eq!((b.pass_at_1.estimate, b.pass_at_all.estimate), (0.5, 0.5));
        assert_eq!((a.eff_at_1.estimate, b.eff_at_1.estimate), (0.0, 0.5));
        let ratio = |model: &WriterReport| model.fuel_ratio.as_ref().map(|ratio| ratio.estimate);
        assert_eq!((ratio(a), ratio(b)), (Some(1.0), Some(0.25)));
    }
}
