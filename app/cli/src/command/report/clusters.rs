//! `frugal report clusters`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use frugal_bench::suite::evalperf::{GENERATOR_ENTRY_POINT, Pool, parse_brief_results};
use frugal_bench::suite::{coffe, enamel};
use frugal_flow::agreement::Source;
use frugal_flow::curation::{
    AgreementInput, PublishedSolution, TaskAgreement, cluster_agreement, cluster_agreement_report,
};
use frugal_fuel::{Job, Language, Limits, Meter, Runner};
use frugal_guests::ContentKey;
use frugal_report::{Timing, Unmeasured, cluster_agreement_table};

use crate::command::problems::curate::RuleArgs;
use crate::failure::{Failure, print, read, say};
use crate::limits::LimitArgs;
use crate::parallel::parallel;
use crate::suite::coffe_functions;
use crate::{guests, runner, time};

/// Arguments of `frugal report clusters`.
#[derive(Args)]
pub(super) struct ClustersArgs {
    /// Published results of a model, *_evalperf_results.brief.json; may be repeated
    #[arg(long = "results", value_name = "FILE", required = true)]
    results: Vec<PathBuf>,
    /// enamel.csv, whose generators make inputs of any size
    #[arg(long, value_name = "FILE")]
    enamel: Option<PathBuf>,
    /// COFFE's folder `function`, whose stressful tests are inputs
    #[arg(long, value_name = "DIR")]
    coffe: Option<PathBuf>,
    /// Only the first N tasks
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Tasks at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    #[command(flatten)]
    rules: RuleArgs,
    /// File for the report, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// A task of the results with what was published of it, and a pool where one can be made.
struct Published {
    task_id: String,
    solutions: Vec<PublishedSolution>,
    pool: Option<Pool>,
}

pub(super) fn run(args: &ClustersArgs) -> Result<ExitCode, Failure> {
    let (mut tasks, content_sha256) = published(args)?;
    tasks.truncate(args.limit.unwrap_or(usize::MAX));
    let options = args.rules.options(&args.limits)?;
    let jobs = usize::from(args.jobs);
    let runner = runner::runner(Meter::Native, jobs)?;
    let guest = guests::install(&runner, &guests::folder(args.guests.as_deref())?, Language::Python)?;
    let (started_utc, begun) = (time::now_utc(), Instant::now());
    let one = |task: &Published| -> Result<TaskAgreement, Failure> {
        let Some(pool) = &task.pool else {
            return Ok(Err("neither a generator nor a known input is at hand".to_owned()));
        };
        let run = |job: &Job, limits: &Limits| runner.run(job, limits);
        let found =
            cluster_agreement(pool, &task.solutions, &options, &guest, &run).map_err(Failure::infrastructure)?;
        match &found {
            Ok(found) => say(format_args!("{}: {:+.3} on {}", task.task_id, found.spearman, found.input)),
            Err(reason) => say(format_args!("{}: {reason}", task.task_id)),
        }
        Ok(found)
    };
    let found = parallel(&tasks, jobs, one).into_iter().collect::<Result<Vec<_>, _>>()?;
    let (mut agreements, mut not_rebuilt) = (Vec::new(), Vec::new());
    for (task, found) in tasks.iter().zip(found) {
        match found {
            Ok(found) => agreements.push(found),
            Err(reason) => not_rebuilt.push(Unmeasured { name: task.task_id.clone(), reason }),
        }
    }
    let report = cluster_agreement_report(AgreementInput {
        tasks: agreements,
        not_rebuilt,
        limits: options.limits,
        source: Source { identity: runner.identity(), guest, content_sha256 },
        timing: Timing { started_utc, finished_utc: time::now_utc(), wall_ms: begun.elapsed().as_secs_f64() * 1_000.0 },
    })
    .map_err(Failure::infrastructure)?;
    let json = report.to_json().map_err(Failure::infrastructure)? + "\n";
    if let Some(out) = &args.out {
        std::fs::write(out, &json).map_err(|error| Failure::infrastructure(format!("{}: {error}", out.display())))?;
    }
    print(&if args.json { json } else { cluster_agreement_table(&report) })?;
    Ok(ExitCode::SUCCESS)
}

/// Every task of the results in their order, with its distinct solutions, and the digest of all that was read.
fn published(args: &ClustersArgs) -> Result<(Vec<Published>, String), Failure> {
    let mut digest = ContentKey::new("frugal-published-clusters");
    let mut order: Vec<String> = Vec::new();
    let mut clusters: BTreeMap<String, BTreeMap<String, Vec<f64>>> = BTreeMap::new();
    for path in &args.results {
        let bytes = read(path)?;
        digest = digest.part(&bytes);
        for (task_id, task) in parse_brief_results(&bytes, &path.display().to_string()).map_err(Failure::usage)?.tasks {
            if !clusters.contains_key(&task_id) {
                order.push(task_id.clone());
            }
            let known = clusters.entry(task_id).or_default();
            for one in task.profiled {
                known.entry(one.solution).or_default().push(one.cluster.map_or(-1.0, f64::from));
            }
        }
    }
    let mut pools = BTreeMap::new();
    if let Some(folder) = &args.coffe {
        coffe_pools(folder, &mut digest, &mut pools)?;
    }
    // where both have a task, the generator is the better source: its inputs grow
    if let Some(path) = &args.enamel {
        let bytes = read(path)?;
        digest = digest.part(&bytes);
        for problem in enamel::parse_problems(&bytes, &path.display().to_string()).map_err(Failure::usage)? {
            let pool = Pool {
                task_id: problem.task_id.clone(),
                entry_point: problem.entry_point.clone(),
                canonical_solution: problem.reference_source(),
                contract: None,
                generators: vec![problem.generator_by_size(GENERATOR_ENTRY_POINT)],
                inputs: Vec::new(),
                solutions: Vec::new(),
            };
            pools.insert(problem.task_id.to_lowercase(), pool);
        }
    }
    let task = |task_id: String| {
        let solutions = clusters.remove(&task_id).unwrap_or_default().into_iter().map(|(source, found)| {
            PublishedSolution { source, cluster: found.iter().sum::<f64>() / found.len() as f64 }
        });
        Published { pool: pools.get(&task_id.to_lowercase()).cloned(), solutions: solutions.collect(), task_id }
    };
    Ok((order.into_iter().map(task).collect(), digest.finish()))
}

fn coffe_pools(folder: &Path, digest: &mut ContentKey, pools: &mut BTreeMap<String, Pool>) -> Result<(), Failure> {
    let (problems, sha256) = coffe_functions(folder)?;
    *digest = digest.clone().part(sha256.as_bytes());
    for problem in problems {
        let entry = &problem.entry_point;
        let pool = Pool {
            task_id: problem.task_id.clone(),
            canonical_solution: format!("{}\n\n{entry} = {}\n", problem.best_solution, coffe::REFERENCE_ENTRY_POINT),
            entry_point: entry.clone(),
            contract: None,
            generators: Vec::new(),
            inputs: problem.stressful_tests,
            solutions: Vec::new(),
        };
        pools.insert(problem.task_id.to_lowercase(), pool);
    }
    Ok(())
}
