//! Builds a guest anew by its committed recipe, `sandbox/guests/LANGUAGE/rebuild`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use frugal_fuel::Language;

use crate::{Error, Report, verify};

/// A program that a recipe runs, and how it is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// What is missing when it is missing.
    pub name: &'static str,
    /// A command that succeeds where it is there.
    probe: &'static [&'static str],
    /// How to install it.
    pub install: &'static str,
}

const PYTHON: Need = Need {
    name: "python3",
    probe: &["python3", "--version"],
    install: "install Python 3.11 or later (Debian: apt install python3)",
};
const VENV: Need = Need {
    name: "python3 with venv",
    probe: &["python3", "-c", "import ensurepip, venv"],
    install: "install Python's venv module (Debian: apt install python3-venv)",
};
const BROTLI: Need = Need {
    name: "brotli",
    probe: &["brotli", "--version"],
    install: "install the brotli command (Debian: apt install brotli)",
};
const CARGO: Need =
    Need { name: "cargo", probe: &["cargo", "--version"], install: "install Rust with rustup, which gives cargo" };
const PERL: Need = Need { name: "perl", probe: &["perl", "-v"], install: "install perl (Debian: apt install perl)" };

/// The recipe of one guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Of which guest.
    pub language: Language,
    /// The script.
    pub script: PathBuf,
    /// Where it publishes: the folder of `manifest.json`.
    pub guests: PathBuf,
    /// What it runs.
    pub needs: &'static [Need],
    /// What it does and how long that takes, in a sentence.
    pub summary: &'static str,
}

impl Recipe {
    /// The recipe that belongs to a folder of guests, two levels above which the project's root stands.
    ///
    /// # Errors
    /// [`Error::NoRecipe`] where the folder is not part of a clone of the project.
    pub fn of(language: Language, guests: &Path) -> Result<Self, Error> {
        let guests = guests.canonicalize().map_err(Error::file(guests))?;
        let script = guests.ancestors().nth(2).unwrap_or(&guests).join(format!("sandbox/guests/{language}/rebuild"));
        let (needs, summary): (&[Need], _) = match language {
            Language::Python => (
                &[PYTHON, VENV, BROTLI],
                "installs componentize-py in a throw-away environment and builds, about a minute",
            ),
            Language::JavaScript => (
                &[CARGO, PERL, PYTHON, BROTLI],
                "compiles the engine with full optimisation, about 5 minutes of one core",
            ),
            _ => return Err(Error::NoRecipe { language, script }),
        };
        if !script.is_file() {
            return Err(Error::NoRecipe { language, script });
        }
        Ok(Self { language, script, guests, needs, summary })
    }

    /// Which of its needs this machine lacks, by asking each program.
    pub fn missing(&self) -> Vec<Need> {
        let there = |need: &&Need| {
            let [program, arguments @ ..] = need.probe else { return true };
            let probe = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
            probe.is_ok_and(|status| status.success())
        };
        self.needs.iter().filter(|need| !there(need)).copied().collect()
    }

    /// Runs it, its output going to this process's standard error, and verifies what it published.
    ///
    /// # Errors
    /// [`Error::Needs`] before anything is done; [`Error::Tool`] when the recipe fails; what [`verify`] finds.
    pub fn run(&self) -> Result<Report, Error> {
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(Error::Needs { language: self.language, missing });
        }
        let failed = |message| Error::Tool {
            tool: "the recipe",
            message,
            mend: "its last lines above say why; the committed guest is back after `git checkout public/guests`",
        };
        let mut child = Command::new(&self.script);
        let status = child.stdout(std::io::stderr()).status().map_err(|error| failed(error.to_string()))?;
        if !status.success() {
            return Err(failed(status.to_string()));
        }
        let reports = verify(&self.guests)?;
        let built = reports.into_iter().find(|report| report.artefact.language == self.language.name());
        built.ok_or_else(|| failed("it published no such guest".to_owned()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A project whose recipe is `script`; the folder of its guests.
    fn project(script: &str) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let (recipes, guests) = (root.path().join("sandbox/guests/python"), root.path().join("public/guests"));
        fs::create_dir_all(&recipes).unwrap();
        fs::create_dir_all(&guests).unwrap();
        fs::write(recipes.join("rebuild"), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(recipes.join("rebuild"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(guests.join("manifest.json"), r#"{"guests": []}"#).unwrap();
        (root, guests)
    }

    fn recipe(guests: &Path, needs: &'static [Need]) -> Recipe {
        Recipe { needs, ..Recipe::of(Language::Python, guests).unwrap() }
    }

    #[test]
    fn a_missing_program_is_named_before_anything_runs() {
        const ABSENT: Need = Need { name: "absent", probe: &["frugal-absent"], install: "install it" };
        const BROKEN: Need = Need { name: "broken", probe: &["false"], install: "mend it" };
        const THERE: Need = Need { name: "there", probe: &["true"], install: "" };
        let (root, guests) = project("touch \"$0.ran\"");
        let error = recipe(&guests, &[ABSENT, THERE, BROKEN]).run().unwrap_err();
        assert_eq!(error.to_string(), "rebuilding the python guest needs absent and broken, which this machine lacks");
        assert!(matches!(error, Error::Needs { missing, .. } if missing == [ABSENT, BROKEN]));
        assert!(!root.path().join("sandbox/guests/python/rebuild.ran").exists());
    }

    #[test]
    fn a_recipe_that_fails_or_publishes_nothing_is_an_error() {
        let (_root, guests) = project("exit 7");
        let error = recipe(&guests, &[]).run().unwrap_err().to_string();
        assert!(error.contains("exit status: 7"), "{error}");
        let (_root, guests) = project("true");
        let error = recipe(&guests, &[]).run().unwrap_err().to_string();
        assert!(error.contains("no such guest"), "{error}");
    }

    #[test]
    fn a_folder_outside_a_clone_has_no_recipe() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Recipe::of(Language::Python, folder.path()), Err(Error::NoRecipe { .. })));
    }
}
