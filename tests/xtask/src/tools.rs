//! The tools that a build needs: which versions, and how they are installed when they are missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Failure, capture, cargo, put_on_path, run, step};

/// Targets that `rust-toolchain.toml` names.
const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "wasm32-wasip1"];

/// A command that cargo installs.
struct Tool {
    binary: &'static str,
    package: &'static str,
    version: &'static str,
    /// Whether its own lockfile resolves.
    locked: bool,
}

const TOOLS: [Tool; 2] = [
    Tool { binary: "trunk", package: "trunk", version: "0.21.14", locked: true },
    Tool { binary: "wasm-bindgen", package: "wasm-bindgen-cli", version: "0.2.128", locked: false },
];

/// Sees that the targets of the toolchain are there.
pub(crate) fn ensure_targets() -> Result<(), Failure> {
    let missing: Vec<_> = TARGETS.into_iter().filter(|target| !has_target(target)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step(&format!("add the targets {}", missing.join(" and ")), || {
        let hint = format!("check the network, then run `rustup target add {}`", missing.join(" "));
        run(Command::new("rustup").args(["target", "add"]).args(&missing), &hint)
    })
}

fn has_target(target: &str) -> bool {
    capture(Command::new("rustc").args(["--print", "sysroot"]))
        .is_some_and(|root| Path::new(root.trim()).join("lib/rustlib").join(target).join("lib").is_dir())
}

/// Sees that trunk and wasm-bindgen are there in the versions that the workspace pins, and that children find them.
///
/// A tool that is missing goes to cargo's own folder, so that plain `trunk serve` works afterwards. Where another
/// version stands, that one is left alone and ours goes to a folder of its own, first on the `PATH` of our children.
pub(crate) fn ensure_tools() -> Result<(), Failure> {
    for tool in &TOOLS {
        match installed_version(tool.binary.as_ref()) {
            Some(version) if version == tool.version => {}
            None => {
                let bin = cargo_home().join("bin");
                let found = installed_version(&bin.join(tool.binary));
                match found {
                    Some(version) if version == tool.version => {}
                    Some(_) => ensure_beside(tool)?,
                    None => install(tool, None)?,
                }
                if installed_version(tool.binary.as_ref()).is_none() {
                    put_on_path(&bin);
                }
            }
            Some(_) => ensure_beside(tool)?,
        }
    }
    Ok(())
}

/// Installs our version beside another one.
fn ensure_beside(tool: &Tool) -> Result<(), Failure> {
    let root = cache().join("tools").join(format!("{}-{}", tool.package, tool.version));
    let bin = root.join("bin");
    if installed_version(&bin.join(tool.binary)).as_deref() != Some(tool.version) {
        install(tool, Some(&root))?;
    }
    put_on_path(&bin);
    Ok(())
}

/// The release profiles of these tools cost a quarter of an hour of processor time; this one costs a few minutes and
/// the tools are fast enough with it.
fn install(tool: &Tool, root: Option<&Path>) -> Result<(), Failure> {
    step(&format!("install {} {} (some minutes, once)", tool.package, tool.version), || {
        let mut command = cargo();
        command.args(["install", tool.package, "--version", tool.version]);
        if tool.locked {
            command.arg("--locked");
        }
        if let Some(root) = root {
            command.arg("--root").arg(root);
        }
        command.env("CARGO_PROFILE_RELEASE_LTO", "off");
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        let hint = format!("check the network, then run `cargo install {} --version {}`", tool.package, tool.version);
        run(&mut command, &hint)
    })
}

/// The version that `binary --version` names as its second word.
fn installed_version(binary: &Path) -> Option<String> {
    let text = capture(Command::new(binary).arg("--version"))?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

fn cargo_home() -> PathBuf {
    env::var_os("CARGO_HOME").map_or_else(|| home().join(".cargo"), PathBuf::from)
}

/// The folder that everything of Frugal shares on one machine.
pub(crate) fn cache() -> PathBuf {
    let named = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("FRUGAL_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|folder| folder.join("frugal")))
        .unwrap_or_else(|| home().join(".cache/frugal"))
}

fn home() -> PathBuf {
    env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).map(PathBuf::from).unwrap_or_default()
}
