//! DPE and EvalPerf: clusters, task filters, DPS, and the published table of 34 models.

use frugal_score::dps::{self, FilterOptions, References, SampleDps, TaskDps, TaskOptions};
use serde_json::Value;

use super::json::{count, field, list, number, numbers, object, optional_number};
use super::{BadVector, Comparison};

pub(super) fn clusters(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for (at, case) in list(vector, "cases")?.iter().enumerate() {
        let costs = numbers(field(case, "costs")?)?;
        let got = dps::clusters(&costs, number(case, "base_threshold")?, number(case, "noise_weight")?)?;
        let (members, references) = (list(case, "clusters")?, numbers(field(case, "reference_cost")?)?);
        let scores = numbers(field(case, "cumulative_scores")?)?;
        if [members.len(), references.len(), scores.len()] != [got.len(); 3] {
            return Err(BadVector(format!("case {at}: {} clusters expected, got {}", members.len(), got.len())));
        }
        for (rank, cluster) in got.iter().enumerate() {
            let name = format!("case {at} cluster {rank}");
            comparisons.push(Comparison::new(format!("{name} reference"), cluster.reference_cost, references[rank]));
            comparisons.push(Comparison::new(format!("{name} score"), cluster.cumulative_score, scores[rank]));
            let want = numbers(&members[rank])?;
            if want.len() != cluster.members.len() {
                return Err(BadVector(format!("{name}: {} members, got {}", want.len(), cluster.members.len())));
            }
            let member = |(index, want): (&usize, f64)| Comparison::new(format!("{name} member"), costs[*index], want);
            comparisons.extend(cluster.members.iter().zip(want).map(member));
        }
    }
    Ok(comparisons)
}

pub(super) fn dps(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut comparisons = Vec::new();
    for (at, case) in list(vector, "cases")?.iter().enumerate() {
        let references = References::new(numbers(field(case, "ref_cost")?)?, numbers(field(case, "ref_scores")?)?)?;
        let costs = list(case, "sample_cost")?;
        let flag = |passed: &Value| passed.as_bool().ok_or_else(|| BadVector("a pass flag is not a boolean".into()));
        let passed = list(case, "sample_pass")?.iter().map(flag).collect::<Result<Vec<_>, _>>()?;
        let expected = list(case, "expected_samples")?;
        if [costs.len(), expected.len()] != [passed.len(); 2] {
            return Err(BadVector(format!("case {at}: lists of different lengths")));
        }
        let max_profile = usize::try_from(count(case, "max_profile")?).unwrap_or(usize::MAX);
        let options = TaskOptions { min_correct: 1, max_profile };
        let chosen = dps::profiled_samples(&passed, options);
        let mut profiled = Vec::new();
        for (sample, want) in expected.iter().enumerate() {
            let name = format!("case {at} sample {sample}");
            let is_chosen = chosen.contains(&sample);
            comparisons.push(Comparison::new(format!("{name} profiled"), truth(is_chosen), truth(!want.is_null())));
            if is_chosen && !want.is_null() {
                let got = references.score(costs[sample].as_f64())?;
                comparisons.extend(of_sample(&name, got, want)?);
                profiled.push(got);
            }
        }
        if profiled.len() == chosen.len() {
            comparisons.extend(of_task(
                at,
                &dps::task_dps(&passed, &profiled, options)?,
                field(case, "expected_task")?,
            )?);
        }
    }
    Ok(comparisons)
}

fn of_sample(name: &str, got: SampleDps, want: &Value) -> Result<[Comparison; 3], BadVector> {
    let cluster = got.cluster.map_or(-1.0, |cluster| cluster as f64);
    Ok([
        Comparison::new(format!("{name} cluster"), cluster, number(want, "cluster")?),
        Comparison::new(format!("{name} dps"), got.dps, number(want, "dps")?),
        Comparison::new(format!("{name} dps_norm"), got.dps_norm, number(want, "dps_norm")?),
    ])
}

fn of_task(at: usize, got: &TaskDps, want: &Value) -> Result<[Comparison; 4], BadVector> {
    let name = |metric: &str| format!("case {at} {metric}");
    Ok([
        Comparison::new(name("dps"), got.dps.unwrap_or(f64::NAN), number(want, "dps")?),
        Comparison::new(name("dps_norm"), got.dps_norm.unwrap_or(f64::NAN), number(want, "dps_norm")?),
        Comparison::new(name("n_profiled"), got.profiled as f64, number(want, "n_profiled")?),
        Comparison::new(name("pass@1"), got.pass_at_1_pct, number(want, "pass@1")?),
    ])
}

pub(super) fn task_filter(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let params = field(vector, "params")?;
    let size = |name: &str| Ok::<_, BadVector>(usize::try_from(count(params, name)?).unwrap_or(usize::MAX));
    let options = FilterOptions {
        min_solutions: size("min_solutions")?,
        min_cost: number(params, "min_instructions")?,
        variation_percentile: number(params, "cv_percentile")?,
        max_variation_pct: number(params, "cv_max_pct")?,
        base: number(params, "base_threshold")?,
        min_clusters: size("min_clusters")?,
        ..FilterOptions::default()
    };
    let mut comparisons = Vec::new();
    for (at, case) in list(vector, "cases")?.iter().enumerate() {
        let profile = |repeats: &Value| if repeats.is_null() { Ok(None) } else { numbers(repeats).map(Some) };
        let profiles = list(case, "profiles")?.iter().map(profile).collect::<Result<Vec<_>, _>>()?;
        let got = dps::filter_task(&profiles, options)?.map_or("kept", |rejection| rejection.name());
        let want = match field(case, "expected_removed_by")? {
            Value::Null => "kept",
            Value::String(name) => name,
            other => return Err(BadVector(format!("case {at}: `expected_removed_by` is {other}"))),
        };
        comparisons.push(Comparison::names(format!("case {at}"), got, want));
    }
    Ok(comparisons)
}

/// Aggregates of the models that the file gives them for, and win rates against all.
pub(super) fn published_table(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let models = object(vector, "models")?;
    let expected = object(vector, "expected")?;
    let first = models.values().next().and_then(Value::as_object).ok_or_else(|| BadVector("no models".into()))?;
    let task_ids: Vec<&String> = first.keys().collect();
    let mut tables = Vec::new();
    for (model, tasks) in models {
        let tasks = tasks.as_object().ok_or_else(|| BadVector(format!("tasks of {model} are not an object")))?;
        if tasks.len() != task_ids.len() {
            return Err(BadVector(format!("{model} has {} tasks, others {}", tasks.len(), task_ids.len())));
        }
        let row = |id: &&String| {
            let task = tasks.get(*id).ok_or_else(|| BadVector(format!("{model} lacks {id}")))?;
            Ok::<_, BadVector>(TaskDps {
                dps: optional_number(task, "dps")?,
                dps_norm: optional_number(task, "dps_norm")?,
                pass_at_1_pct: number(task, "pass@1")?,
                profiled: 0,
            })
        };
        tables.push(task_ids.iter().map(row).collect::<Result<Vec<_>, _>>()?);
    }
    let dps_table: Vec<Vec<Option<f64>>> =
        tables.iter().map(|tasks| tasks.iter().map(|task| task.dps).collect()).collect();
    let rates = dps::win_rates(&dps_table)?;
    let mut comparisons = Vec::new();
    for ((model, tasks), rate) in models.keys().zip(&tables).zip(rates) {
        let got = dps::model_dps(tasks)?;
        let Some(want) = expected.get(model) else { continue };
        let values = [
            ("dps", got.dps),
            ("dps_norm", got.dps_norm),
            ("pass@1", Some(got.pass_at_1_pct)),
            ("task_win_rate", rate.task_level),
            ("model_win_rate", rate.model_level),
            ("n_tasks", Some((tasks.len() - got.skipped.len()) as f64)),
        ];
        for (metric, got) in values {
            comparisons.push(Comparison::new(
                format!("{model} {metric}"),
                got.unwrap_or(f64::NAN),
                number(want, metric)?,
            ));
        }
    }
    let unknown = expected.keys().filter(|model| !models.contains_key(*model)).count();
    if unknown > 0 { Err(BadVector(format!("{unknown} expected models have no tasks"))) } else { Ok(comparisons) }
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
