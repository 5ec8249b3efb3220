use super::SampleDps;
use crate::ScoreError;
use crate::numbers::{finite, mean, same_length};

/// How the samples of a task are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskOptions {
    /// A task with fewer passing samples has no DPS.
    pub min_correct: usize,
    /// At most so many passing samples are profiled.
    pub max_profile: usize,
}

impl TaskOptions {
    /// The source's defaults for a number of samples: `min_correct` 10, `max_profile` twice that, but no more than
    /// there are samples.
    pub fn for_samples(samples: usize) -> Self {
        let min_correct = 10;
        Self { min_correct, max_profile: samples.min(2 * min_correct) }
    }
}

/// One task of one model. Scores and percentages lie in [0, 100].
#[derive(Debug, Clone, PartialEq)]
pub struct TaskDps {
    /// Mean DPS over profiled samples; `None` with fewer than `min_correct` passing.
    pub dps: Option<f64>,
    /// Mean DPS_norm, likewise.
    pub dps_norm: Option<f64>,
    /// Passing samples of all, in percent.
    pub pass_at_1_pct: f64,
    /// Samples profiled.
    pub profiled: usize,
}

/// One model over its tasks. Scores and percentages lie in [0, 100].
#[derive(Debug, Clone, PartialEq)]
pub struct ModelDps {
    /// Mean over the tasks that have one; `None` when none has.
    pub dps: Option<f64>,
    /// Likewise.
    pub dps_norm: Option<f64>,
    /// Mean over *all* tasks, in percent.
    pub pass_at_1_pct: f64,
    /// Indices of the tasks without DPS, which are left out of the two means.
    pub skipped: Vec<usize>,
}

/// Which samples to profile: the first `max_profile` passing ones, in file order. None when fewer than `min_correct`
/// pass.
pub fn profiled_samples(passed: &[bool], options: TaskOptions) -> Vec<usize> {
    let passing: Vec<usize> = (0..passed.len()).filter(|&at| passed[at]).collect();
    if passing.len() < options.min_correct {
        return Vec::new();
    }
    passing.into_iter().take(options.max_profile).collect()
}

/// A task's DPS, DPS_norm and pass@1 from its samples' pass flags and the scores of the profiled ones, which are those
/// that [`profiled_samples`] chooses, in its order.
///
/// Trap: a sample that passed and then failed to be profiled scores 0 and stays in the mean.
///
/// # Errors
/// [`ScoreError::Empty`] without samples, [`ScoreError::Length`] when the profiled scores are not one for each chosen
/// sample.
pub fn task_dps(passed: &[bool], profiled: &[SampleDps], options: TaskOptions) -> Result<TaskDps, ScoreError> {
    if passed.is_empty() {
        return Err(ScoreError::Empty { what: "samples of a task" });
    }
    same_length("profiled samples", profiled.len(), profiled_samples(passed, options).len())?;
    let mean_of = |score: fn(&SampleDps) -> f64| {
        (!profiled.is_empty()).then(|| mean(&profiled.iter().map(score).collect::<Vec<_>>()))
    };
    let passing = passed.iter().filter(|passed| **passed).count();
    Ok(TaskDps {
        dps: mean_of(|sample| sample.dps),
        dps_norm: mean_of(|sample| sample.dps_norm),
        pass_at_1_pct: 100.0 * passing as f64 / passed.len() as f64,
        profiled: profiled.len(),
    })
}

/// A model's plain means over tasks: DPS and DPS_norm over those that have one, pass@1 over all.
///
/// Trap: two models' DPS are means over different tasks; compare them by [`super::win_rates`] or
/// [`super::aligned_dps`], which take common tasks alone.
///
/// # Errors
/// [`ScoreError::Empty`] without tasks, [`ScoreError::NotFinite`] for a score that is NaN or infinite,
/// [`ScoreError::Length`] when a task has one of DPS and DPS_norm alone.
pub fn model_dps(tasks: &[TaskDps]) -> Result<ModelDps, ScoreError> {
    if tasks.is_empty() {
        return Err(ScoreError::Empty { what: "tasks" });
    }
    let skipped: Vec<usize> = (0..tasks.len()).filter(|&at| tasks[at].dps.is_none()).collect();
    let dps: Vec<f64> = tasks.iter().filter_map(|task| task.dps).collect();
    let dps_norm: Vec<f64> = tasks.iter().filter_map(|task| task.dps_norm).collect();
    let pass: Vec<f64> = tasks.iter().map(|task| task.pass_at_1_pct).collect();
    same_length("tasks with DPS_norm", dps_norm.len(), dps.len())?;
    for scores in [&dps, &dps_norm, &pass] {
        finite("a task's score", scores)?;
    }
    let mean_of = |scores: &[f64]| (!scores.is_empty()).then(|| mean(scores));
    Ok(ModelDps { dps: mean_of(&dps), dps_norm: mean_of(&dps_norm), pass_at_1_pct: mean(&pass), skipped })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sample(dps: f64) -> SampleDps {
        SampleDps { cluster: None, dps, dps_norm: dps / 2.0 }
    }

    #[test]
    fn the_first_passing_samples_are_profiled() {
        let passed = [false, true, true, false, true, true];
        let options = TaskOptions { min_correct: 2, max_profile: 3 };
        assert_eq!(profiled_samples(&passed, options), [1, 2, 4]);
        assert!(profiled_samples(&passed, TaskOptions { min_correct: 5, ..options }).is_empty());
        assert_eq!(TaskOptions::for_samples(100), TaskOptions { min_correct: 10, max_profile: 20 });
        assert_eq!(TaskOptions::for_samples(12).max_profile, 12);
    }

    #[test]
    fn hand_sums() {
        let options = TaskOptions { min_correct: 2, max_profile: 2 };
        let task = task_dps(&[true, true, true, false], &[sample(100.0), sample(0.0)], options).unwrap();
        assert_eq!(task, TaskDps { dps: Some(50.0), dps_norm: Some(25.0), pass_at_1_pct: 75.0, profiled: 2 });
        let few = task_dps(&[true, false], &[], options).unwrap();
        assert_eq!(few, TaskDps { dps: None, dps_norm: None, pass_at_1_pct: 50.0, profiled: 0 });
        let model = model_dps(&[task, few.clone()]).unwrap();
        assert_eq!((model.dps, model.dps_norm, model.pass_at_1_pct), (Some(50.0), Some(25.0), 62.5));
        assert_eq!(model.skipped, [1]);
        assert_eq!(model_dps(&[few]).unwrap().dps, None);
    }

    #[test]
    fn impossible_inputs_are_refused() {
        let options = TaskOptions { min_correct: 1, max_profile: 2 };
        assert!(task_dps(&[], &[], options).is_err() && model_dps(&[]).is_err());
        assert!(matches!(task_dps(&[true], &[], options), Err(ScoreError::Length { actual: 0, expected: 1, .. })));
        let half = TaskDps { dps: Some(1.0), dps_norm: None, pass_at_1_pct: 0.0, profiled: 1 };
        assert!(model_dps(&[half]).is_err());
        let nan = TaskDps { dps: Some(f64::NAN), dps_norm: Some(1.0), pass_at_1_pct: 0.0, profiled: 1 };
        assert!(model_dps(&[nan]).is_err());
    }
}
