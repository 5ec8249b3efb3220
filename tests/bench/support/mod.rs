//! What the native benchmarks share.
#![allow(dead_code, reason = "shared by several programs, each of which uses a part")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use frugal_fuel::{Guest, Language};
use frugal_guests::Manifest;
use wasmtime::{Config, OptLevel};

/// Settings in which two engines may differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) fuel: bool,
    pub(crate) nan: bool,
    pub(crate) epochs: bool,
}

/// An engine's configuration, otherwise like that of `sandbox/host`.
pub(crate) fn config(setting: Setting) -> Config {
    let mut config = Config::new();
    config
        .cranelift_opt_level(OptLevel::Speed)
        .consume_fuel(setting.fuel)
        .cranelift_nan_canonicalization(setting.nan)
        .epoch_interruption(setting.epochs)
        .concurrency_support(false)
        .max_wasm_stack(8 << 20)
        .async_stack_size(8 << 20)
        .generate_address_map(false);
    config
}

/// `time` over `peer`.
pub(crate) fn ratio(time: Duration, peer: Duration) -> f64 {
    time.as_secs_f64() / peer.as_secs_f64()
}

/// The measured program of `program.rs`, built by the compiler at hand with optimisation.
pub(crate) fn rust_program() -> Result<Vec<u8>, Box<dyn Error>> {
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program.wasm");
    let status = Command::new("rustc")
        .args(["--edition", "2024", "-O", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown", "-o"])
        .arg(&output)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/program.rs"))
        .status()?;
    if !status.success() {
        return Err(format!("rustc ended with {status}; run `cargo xtask setup` for its targets").into());
    }
    Ok(std::fs::read(output)?)
}

/// The committed guest of `language`, and its bytes.
pub(crate) fn guest(language: Language) -> Result<(Guest, Vec<u8>), Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../public/guests");
    let manifest = Manifest::from_json(&std::fs::read(folder.join("manifest.json"))?)?;
    let found = manifest.find(language).zip(manifest.guest(language));
    let (artefact, guest) = found.ok_or("the manifest of public/guests has no such guest")?;
    let mut bytes = Vec::new();
    let compressed = std::fs::File::open(folder.join(&artefact.file))?;
    std::io::Read::read_to_end(&mut brotli::Decompressor::new(compressed, 1 << 16), &mut bytes)?;
    Ok((guest, bytes))
}
