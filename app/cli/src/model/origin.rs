//! Where the figures of a recipe come from.

use std::fmt::Debug;
use std::path::Path;

use frugal_flow::FRUGAL_VERSION;
use frugal_fuel::{Guest, Runner};
use frugal_guests::ContentKey;
use frugal_host::HostRunner;
use frugal_report::{GuestProvenance, Provenance};

use super::Header;
use crate::failure::Failure;

/// Provenance of what `tasks` and `options`, whatever decides the work, come to at an endpoint: address and model.
pub(crate) fn provenance<T: Debug>(
    purpose: &str,
    tasks: &[T],
    options: &dyn Debug,
    endpoint: &(String, String),
    guest: &Guest,
    runner: &HostRunner,
) -> Provenance {
    let identity = runner.identity();
    let content =
        tasks.iter().fold(ContentKey::new("frugal-tasks-1"), |key, task| key.part(format!("{task:?}").as_bytes()));
    let content = content.finish();
    let key = ContentKey::new(purpose)
        .part(content.as_bytes())
        .part(format!("{options:?}").as_bytes())
        .part(endpoint.0.as_bytes())
        .part(endpoint.1.as_bytes())
        .part(guest.sha256.as_bytes())
        .part(identity.cost_table.as_bytes());
    Provenance {
        frugal_version: FRUGAL_VERSION.to_owned(),
        engine: identity.engine,
        meter: identity.meter.name().to_owned(),
        cost_table: identity.cost_table.to_owned(),
        guest: Some(GuestProvenance {
            language: guest.language.name().to_owned(),
            version: guest.version.clone(),
            sha256: guest.sha256.clone(),
        }),
        program_sha256: content,
        key: key.finish(),
    }
}

impl Header {
    /// The header of a record of answers.
    pub(crate) fn of(provenance: &Provenance, endpoint: &(String, String)) -> Self {
        Self::new([
            ("tasks", provenance.program_sha256.clone()),
            ("endpoint", endpoint.0.clone()),
            ("model", endpoint.1.clone()),
            ("options", provenance.key.clone()),
        ])
    }
}

/// Refuses names of output files that name a folder, or the same file.
pub(crate) fn check_files(files: [(&str, Option<&Path>); 2]) -> Result<(), Failure> {
    for (name, file) in files {
        if let Some(file) = file.filter(|file| file.is_dir() || file.file_name().is_none()) {
            return Err(Failure::usage(format!("{}: {name} names a folder; it must name a file", file.display())));
        }
    }
    let [(first, one), (second, other)] = files;
    if one.is_some() && one == other {
        return Err(Failure::usage(format!("{first} and {second} name the same file")));
    }
    Ok(())
}
