//! What a policy's reward costs in divergence: points of many runs, and comparisons at equal reward.

use super::MetricError;

/// One evaluation of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The objective, as it is shown.
    pub method: String,
    /// β of the run.
    pub beta: f64,
    /// Seed of the run.
    pub seed: u64,
    /// Steps taken.
    pub step: u64,
    /// Mean true reward.
    pub reward: f64,
    /// KL(π‖ref) of whole responses, nats.
    pub kl_policy_ref: f64,
}

/// A mean with the interval in which it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Numbers behind it.
    pub count: usize,
}

/// KL that a method spends to reach a reward.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// The objective.
    pub method: String,
    /// β of its runs.
    pub beta: f64,
    /// The reward at which runs are compared.
    pub reward: f64,
    /// KL(π‖ref) there, over the runs that reach it; none where no run does.
    pub kl_policy_ref: Option<Interval>,
    /// Runs that reach the reward.
    pub reached: usize,
    /// All runs.
    pub runs: usize,
}

/// KL(π‖ref) at which a run first reaches `reward`, by linear interpolation between its evaluations; none where it never
/// does. `run` holds the evaluations of one run in order of steps.
pub fn kl_at_reward(run: &[&Point], reward: f64) -> Option<f64> {
    let first = run.first()?;
    if first.reward >= reward {
        return Some(first.kl_policy_ref);
    }
    run.windows(2).find_map(|pair| {
        let (before, after) = (pair[0], pair[1]);
        let crossed = before.reward < reward && after.reward >= reward;
        let share = (reward - before.reward) / (after.reward - before.reward);
        crossed.then_some(before.kl_policy_ref + share * (after.kl_policy_ref - before.kl_policy_ref))
    })
}

/// Every method and β at one reward, in order of appearance, with intervals over seeds by `resamples` bootstrap samples.
///
/// # Errors
/// [`MetricError`] when there is no point, or a number is not finite.
pub fn matched(points: &[Point], reward: f64, resamples: usize, seed: u64) -> Result<Vec<Matched>, MetricError> {
    check(points)?;
    let mut rows: Vec<Matched> = Vec::new();
    for point in points {
        if rows.iter().any(|row| row.method == point.method && row.beta == point.beta) {
            continue;
        }
        let runs = runs_of(points, &point.method, point.beta);
        let spent: Vec<f64> = runs.iter().filter_map(|run| kl_at_reward(run, reward)).collect();
        let kl_policy_ref = if spent.is_empty() { None } else { Some(bootstrap(&spent, resamples, seed)?) };
        let (method, beta, reached, runs) = (point.method.clone(), point.beta, spent.len(), runs.len());
        rows.push(Matched { method, beta, reward, kl_policy_ref, reached, runs });
    }
    Ok(rows)
}

/// The evaluations of each run of a method at a β: one list a seed, in order of steps.
pub fn runs_of<'a>(points: &'a [Point], method: &str, beta: f64) -> Vec<Vec<&'a Point>> {
    let mut runs: Vec<Vec<&Point>> = Vec::new();
    for point in points.iter().filter(|point| point.method == method && point.beta == beta) {
        match runs.iter_mut().find(|run| run[0].seed == point.seed) {
            Some(run) => run.push(point),
            None => runs.push(vec![point]),
        }
    }
    for run in &mut runs {
        run.sort_by_key(|point| point.step);
    }
    runs
}

/// The points that no other point of the method beats in both numbers, over all β, steps and seeds, from the least KL up.
pub fn envelope<'a>(points: &'a [Point], method: &str) -> Vec<&'a Point> {
    let mut all: Vec<&Point> = points.iter().filter(|point| point.method == method).collect();
    all.sort_by(|a, b| a.kl_policy_ref.total_cmp(&b.kl_policy_ref).then(b.reward.total_cmp(&a.reward)));
    let mut best = f64::NEG_INFINITY;
    all.retain(|point| {
        let better = point.reward > best;
        best = best.max(point.reward);
        better
    });
    all
}

/// Mean and percentile interval of numbers by resampling them with replacement. Equal seeds give equal intervals.
///
/// # Errors
/// [`MetricError`] without a number or a resample, or where a number is not finite.
pub fn bootstrap(values: &[f64], resamples: usize, seed: u64) -> Result<Interval, MetricError> {
    let metric = "a bootstrap interval";
    if values.is_empty() || resamples == 0 {
        return Err(MetricError::TooFew { metric, needed: "a number and a resample", found: "is none" });
    }
    if let Some(value) = values.iter().find(|value| !value.is_finite()) {
        return Err(MetricError::Range { metric, value: *value, range: "a finite number" });
    }
    let count = values.len();
    let mean = values.iter().sum::<f64>() / count as f64;
    let mut random = crate::random::Random::new(seed);
    let mut means: Vec<f64> =
        (0..resamples).map(|_| (0..count).map(|_| values[random.below(count)]).sum::<f64>() / count as f64).collect();
    means.sort_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a rank among the resamples
    let rank = |share: f64| means[(share * (resamples - 1) as f64).round() as usize];
    Ok(Interval { mean, low: rank(0.025), high: rank(0.975), count })
}

fn check(points: &[Point]) -> Result<(), MetricError> {
    let metric = "a frontier";
    if points.is_empty() {
        return Err(MetricError::TooFew { metric, needed: "a point", found: "is none" });
    }
    let numbers = points.iter().flat_map(|point| [point.beta, point.reward, point.kl_policy_ref]);
    match numbers.into_iter().find(|number| !number.is_finite()) {
        Some(value) => Err(MetricError::Range { metric, value, range: "a finite number" }),
        None => Ok(()),
    }
}
