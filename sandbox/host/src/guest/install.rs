//! Making a guest ready: check, compile once, keep.

use std::fmt::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use frugal_fuel::Guest;
use sha2::{Digest, Sha256};
use wasmtime::Engine;

use super::{Form, Installed, component, core};
use crate::InstallError;
use crate::cache::{Cache, EntryKind};
use crate::code::Code;
use crate::compiled::{cache_key, environment};

/// Fifth to eighth byte of a WebAssembly component, where a core module has its version 1.
const COMPONENT_LAYER: [u8; 4] = [0x0d, 0, 1, 0];
/// How often progress is reported while compiling.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// Where an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Comparing the bytes with the guest's digest.
    Checking,
    /// Loading code compiled earlier.
    Loading,
    /// Compiling; once per machine and guest, about 30 s for CPython on two cores.
    Compiling {
        /// Time spent so far.
        elapsed: Duration,
    },
    /// The guest can run.
    Ready,
}

pub(crate) fn install(
    engine: &Engine,
    cache: Option<&Cache>,
    guest: &Guest,
    artefact: &[u8],
    report: &mut dyn FnMut(Progress),
) -> Result<Installed, InstallError> {
    report(Progress::Checking);
    check_digest(guest, artefact)?;
    let unusable = |error: wasmtime::Error| InstallError::Unusable {
        language: guest.language.to_string(),
        message: format!("{error:#}"),
    };
    let is_component = artefact.get(4..8) == Some(&COMPONENT_LAYER);
    let code = code(engine, cache, artefact, is_component, report).map_err(unusable)?;
    let form = if is_component {
        let component = code.component(engine).map_err(unusable)?;
        Form::Component(component::Form::link(engine, &component).map_err(unusable)?)
    } else {
        let module = code.module(engine).map_err(unusable)?;
        Form::Core(core::Form::link(engine, &module).map_err(unusable)?)
    };
    report(Progress::Ready);
    Ok(Installed { guest: guest.clone(), form })
}

fn check_digest(guest: &Guest, artefact: &[u8]) -> Result<(), InstallError> {
    let actual = Sha256::digest(artefact).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if actual == guest.sha256 {
        return Ok(());
    }
    Err(InstallError::Digest { language: guest.language.to_string(), expected: guest.sha256.clone(), actual })
}

fn code(
    engine: &Engine,
    cache: Option<&Cache>,
    artefact: &[u8],
    is_component: bool,
    report: &mut dyn FnMut(Progress),
) -> wasmtime::Result<Code> {
    let key = cache_key(&environment(engine), artefact);
    report(Progress::Loading);
    if let Some(code) = cache.and_then(|cache| cache.load(EntryKind::Guest, &key)) {
        return Ok(code);
    }
    let code = compile(engine, artefact, is_component, report)?;
    if let Some(cache) = cache {
        cache.store(EntryKind::Guest, &key, &code);
    }
    Ok(Code::trusted(code, 0))
}

/// Compiles in this process: guests are trusted and larger than any cap for submitted modules.
fn compile(
    engine: &Engine,
    artefact: &[u8],
    is_component: bool,
    report: &mut dyn FnMut(Progress),
) -> wasmtime::Result<Vec<u8>> {
    let started = Instant::now();
    std::thread::scope(|scope| {
        let (done, finished) = channel();
        scope.spawn(move || {
            let code =
                if is_component { engine.precompile_component(artefact) } else { engine.precompile_module(artefact) };
            // The receiver outlives this thread, which the scope joins.
            let _ = done.send(code);
        });
        loop {
            report(Progress::Compiling { elapsed: started.elapsed() });
            match finished.recv_timeout(REPORT_EVERY) {
                Ok(code) => return code,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => wasmtime::bail!("the compiler panicked"),
            }
        }
    })
}
