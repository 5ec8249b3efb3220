//! `frugal run`.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};
use frugal_flow::run::{
    Code, Input, Planned, RequestError, RunRequest, attribute, plan, plan_profile, refuse_profile, report,
};
use frugal_fuel::{CostTable, Language, Limits, Meter, Runner};
use frugal_host::HostRunner;
use frugal_report::{OutcomeKind, RunReport, printable, profile_text, run_text, speedscope};

use crate::failure::{Failure, print, read, say_raw};
use crate::limits::LimitArgs;
use crate::{guests, runner};

/// Arguments of `frugal run`.
#[derive(Args)]
pub(crate) struct RunArgs {
    /// Program: .py, .js, .wasm or .wat
    file: PathBuf,
    /// Language, where the file's extension does not say it
    #[arg(long)]
    language: Option<FileLanguage>,
    /// Function to call; without it a Python or JavaScript file runs as a whole program
    #[arg(long, visible_alias = "export")]
    entry: Option<String>,
    /// Arguments of the function: a list in JSON or Python notation
    #[arg(long, default_value = "[]", requires = "entry", allow_hyphen_values = true)]
    args: String,
    /// Standard input of a whole program: a file, or - for this command's own
    #[arg(long, value_name = "FILE", conflicts_with = "entry")]
    stdin: Option<PathBuf>,
    /// Which meter counts; they agree on every finished run
    #[arg(long, default_value = "native")]
    meter: MeterName,
    /// Folder of the language guests
    #[arg(long, value_name = "DIR")]
    guests: Option<PathBuf>,
    /// Also tell where the fuel went, by function and line, from a second run with marks; Python only
    #[arg(long)]
    profile: bool,
    /// Write that as a file for https://www.speedscope.app
    #[arg(long, value_name = "FILE", requires = "profile")]
    speedscope: Option<PathBuf>,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum FileLanguage {
    Python,
    Javascript,
    Wasm,
    Wat,
}

#[derive(Clone, Copy, ValueEnum)]
enum MeterName {
    Native,
    Instrumented,
}

/// Runs one program and prints what it cost.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let code = code(args)?;
    let input = input(args, &code)?;
    let meter = match args.meter {
        MeterName::Native => Meter::Native,
        MeterName::Instrumented => Meter::Instrumented,
    };
    let runner = runner::runner(meter, 1)?;
    if let (Code::Source { language, .. }, Meter::Native) = (&code, meter) {
        guests::install(&runner, &guests::folder(args.guests.as_deref())?, *language)?;
    } else if let Code::Source { .. } = &code {
        let failure = Failure::usage("source text is measured by the native meter only");
        return Err(failure.hint("leave out --meter; in a browser tab the guests run instrumented"));
    }
    let request = RunRequest { code, input, limits: args.limits.over(Limits::default()) };
    let planned = plan(&request, &runner.guests(), CostTable::FUEL_1.name).map_err(|error| refused(args, error))?;
    let woven = args.profile.then(|| plan_profile(&request, &runner.guests(), CostTable::FUEL_1.name));
    let woven = woven.transpose().map_err(|error| refused(args, error))?;
    let begun = Instant::now();
    let measurement = runner.run(&planned.job, &planned.limits).map_err(Failure::infrastructure)?;
    let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let mut report = report(&planned, &runner.identity(), &measurement, Some(wall_ms));
    if let Some(woven) = &woven {
        profile(&mut report, &runner, woven, args)?;
    }
    show(&report, args.json)?;
    Ok(ExitCode::from(u8::from(report.outcome != OutcomeKind::Finished)))
}

/// Runs the woven program and joins where its fuel went to the report.
fn profile(report: &mut RunReport, runner: &HostRunner, woven: &Planned, args: &RunArgs) -> Result<(), Failure> {
    report.profile_refusal = refuse_profile(report);
    if report.profile_refusal.is_some() {
        return Ok(());
    }
    let measurement = runner.run(&woven.job, &woven.limits).map_err(Failure::infrastructure)?;
    attribute(report, &measurement);
    if let (Some(path), Some(profile)) = (&args.speedscope, &report.profile) {
        let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
        let json = speedscope(profile, &name).map_err(Failure::infrastructure)?;
        let failed = |error| Failure::usage(format!("{}: {error}", path.display()));
        std::fs::write(path, json).map_err(failed)?;
    }
    Ok(())
}

fn refused(args: &RunArgs, error: RequestError) -> Failure {
    let failure = Failure::usage(match error.place {
        "source" => format!("{}: {}", args.file.display(), error.message),
        // Some messages say it themselves.
        place if error.message.starts_with(place) => error.message,
        place => format!("{place}: {}", error.message),
    });
    match error.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn code(args: &RunArgs) -> Result<Code, Failure> {
    let extension = args.file.extension().and_then(|extension| extension.to_str());
    let language = match (args.language, extension) {
        (Some(language), _) => language,
        (None, Some("py")) => FileLanguage::Python,
        (None, Some("js" | "mjs")) => FileLanguage::Javascript,
        (None, Some("wasm")) => FileLanguage::Wasm,
        (None, Some("wat")) => FileLanguage::Wat,
        _ => {
            let message = format!("{}: the extension names no language", args.file.display());
            return Err(Failure::usage(message).hint("name it with --language python|javascript|wasm|wat"));
        }
    };
    let bytes = read(&args.file)?;
    let text = |bytes| {
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::usage(format!("{}: not UTF-8 text, at byte {at}", args.file.display()))
        })
    };
    Ok(match language {
        FileLanguage::Wasm => Code::Module(bytes),
        FileLanguage::Wat => Code::Wat(text(bytes)?),
        FileLanguage::Python => Code::Source { language: Language::Python, text: text(bytes)? },
        FileLanguage::Javascript => Code::Source { language: Language::JavaScript, text: text(bytes)? },
    })
}

fn input(args: &RunArgs, code: &Code) -> Result<Input, Failure> {
    if let Some(entry) = &args.entry {
        return Ok(Input::Call { entry: entry.clone(), arguments: args.args.clone() });
    }
    if matches!(code, Code::Module(_) | Code::Wat(_)) {
        return Err(Failure::usage("a module needs the name of the export to call").hint("add --entry NAME"));
    }
    let bytes = match args.stdin.as_deref() {
        None => Vec::new(),
        Some(path) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::usage(format!("stdin: {error}")))?;
            bytes
        }
        Some(path) => read(path)?,
    };
    String::from_utf8(bytes).map(Input::Stdin).map_err(|_| Failure::usage("the standard input is not UTF-8 text"))
}

fn show(report: &RunReport, json: bool) -> Result<(), Failure> {
    if json {
        let json = report.to_json().map_err(Failure::infrastructure)?;
        return print(&format!("{json}\n"));
    }
    // The program's own output first, as it came when it goes into a file, made safe on a terminal.
    for (text, is_terminal, to_stdout) in [
        (&report.stdout, std::io::stdout().is_terminal(), true),
        (&report.stderr, std::io::stderr().is_terminal(), false),
    ] {
        let shown = if is_terminal { printable(text) } else { text.clone() };
        if to_stdout {
            print(&shown)?;
        } else {
            say_raw(&shown);
        }
    }
    let wall = report.wall_ms.map_or_else(String::new, |ms| format!("wall time  {ms:.1} ms (varies)\n"));
    say_raw(&format!("{}{wall}{}", run_text(report), profile_text(report)));
    Ok(())
}
