//! Finding guests and making them ready.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use frugal_fuel::{Guest, Language};
use frugal_guest_build::{decompress, read_manifest};
use frugal_host::{HostRunner, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::{Failure, say};

/// Where guests may be, besides `--guests`.
const VARIABLE: &str = "FRUGAL_GUESTS";

/// The folder that holds `manifest.json`: the one asked for, `$FRUGAL_GUESTS`, beside this program, or
/// `public/guests` in a parent of the program's or the current folder.
pub(crate) fn folder(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    let given = asked.map(Path::to_path_buf).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    if let Some(folder) = given {
        if folder.join("manifest.json").is_file() {
            return Ok(folder);
        }
        return Err(Failure::usage(format!("{}: there is no manifest.json of guests", folder.display())));
    }
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(|parent| parent.join("guests"));
    let current = std::env::current_dir().ok();
    let parents = [current.as_deref(), program.as_deref()].into_iter().flatten().flat_map(Path::ancestors);
    beside
        .into_iter()
        .chain(parents.map(|parent| parent.join("public/guests")))
        .find(|f| f.join("manifest.json").is_file())
        .ok_or_else(|| {
            Failure::usage("the language guests were not found")
                .hint(format!("name their folder with --guests DIR or {VARIABLE}; it holds manifest.json"))
        })
}

/// Makes the guest of a language ready to run; the first time this compiles, and says so.
pub(crate) fn install(runner: &HostRunner, folder: &Path, language: Language) -> Result<Guest, Failure> {
    let manifest = read_manifest(folder).map_err(Failure::usage)?;
    let (Some(artefact), Some(guest)) = (manifest.find(language), manifest.guest(language)) else {
        let message = format!("{}: there is no guest for {language}", folder.display());
        return Err(Failure::usage(message).hint("run `frugal guest verify` to see which guests are there"));
    };
    let bytes = decompress(folder, artefact).map_err(Failure::usage)?;
    let bar = std::io::stderr().is_terminal().then(spinner);
    let mut announced = false;
    let mut report = |progress| {
        if let Progress::Compiling { .. } = progress {
            if let Some(bar) = &bar {
                bar.set_message(format!("compiling the {language} guest, once on this machine (about 30 s)"));
                bar.tick();
            } else if !announced {
                say(format_args!("compiling the {language} guest, once on this machine (about 30 s)"));
            }
            announced = true;
        }
    };
    let installed = runner.install(&guest, &bytes, &mut report).map_err(Failure::infrastructure);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    installed.map(|()| guest)
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::new_spinner().with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
