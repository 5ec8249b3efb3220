//! `frugal score`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use frugal_flow::compare;
use frugal_flow::enamel::rescore;
use frugal_report::{
    COMPARISON_SCHEMA, ComparisonReport, EvaluationReport, comparison_csv, comparison_markdown, comparison_table,
    evaluation_csv, evaluation_markdown, evaluation_table,
};

use crate::failure::{Failure, INFRASTRUCTURE, print, read, say};

/// Arguments of `frugal score`.
#[derive(Args)]
pub(crate) struct ScoreArgs {
    /// Result written by `frugal eval --out`
    result: PathBuf,
    /// Numbers of samples drawn, instead of the stored ones
    #[arg(long, value_delimiter = ',')]
    k: Vec<u32>,
    /// How to print it
    #[arg(long, default_value = "table")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Markdown,
}

/// Recomputes every metric from the stored fuel.
pub(crate) fn run(args: &ScoreArgs) -> Result<ExitCode, Failure> {
    let name = args.result.display();
    let text = String::from_utf8(read(&args.result)?).map_err(|_| Failure::usage(format!("{name}: not UTF-8 text")))?;
    if args.k.contains(&0) {
        return Err(Failure::usage("--k takes numbers from 1"));
    }
    if text.contains(&format!("\"schema\": \"{COMPARISON_SCHEMA}\"")) {
        return comparison(args, &text);
    }
    let stored = EvaluationReport::from_json(&text).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let k = numbers_drawn(args);
    let report = rescore(&stored, k.as_deref()).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    for (metric, value) in &report.metrics {
        if stored.metrics.get(metric).is_some_and(|before| before != value) {
            say(format_args!("warning: {name} holds another {metric} than its own fuel gives; it was changed by hand"));
        }
    }
    let text = match if args.json { Format::Json } else { args.format } {
        Format::Table => evaluation_table(&report),
        Format::Json => report.to_json().map_err(Failure::infrastructure)? + "\n",
        Format::Csv => evaluation_csv(&report).map_err(Failure::infrastructure)?,
        Format::Markdown => evaluation_markdown(&report),
    };
    print(&text)?;
    Ok(ExitCode::from(if report.coverage.infrastructure_failures > 0 { INFRASTRUCTURE } else { 0 }))
}

/// The same for a comparison.
fn comparison(args: &ScoreArgs, text: &str) -> Result<ExitCode, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", args.result.display()));
    let stored = ComparisonReport::from_json(text).map_err(|error| failed(&error))?;
    let report = compare::rescore(&stored, numbers_drawn(args).as_deref()).map_err(|error| failed(&error))?;
    for (before, after) in stored.models.iter().zip(&report.models) {
        let changed =
            |(name, value): &(&String, &f64)| before.metrics.get(*name).is_some_and(|before| before != *value);
        if let Some((metric, _)) = after.metrics.iter().find(changed) {
            let name = args.result.display();
            say(format_args!("warning: {name} holds another {metric} than its own fuel gives; it was changed by hand"));
        }
    }
    let page = match if args.json { Format::Json } else { args.format } {
        Format::Table => comparison_table(&report),
        Format::Json => report.to_json().map_err(Failure::infrastructure)? + "\n",
        Format::Csv => comparison_csv(&report).map_err(Failure::infrastructure)?,
        Format::Markdown => comparison_markdown(&report),
    };
    print(&page)?;
    Ok(ExitCode::from(if report.coverage.infrastructure_failures > 0 { INFRASTRUCTURE } else { 0 }))
}

fn numbers_drawn(args: &ScoreArgs) -> Option<Vec<u32>> {
    (!args.k.is_empty()).then(|| {
        let mut k = args.k.clone();
        k.sort_unstable();
        k.dedup();
        k
    })
}
