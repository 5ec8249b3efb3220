//! `cargo xtask serve`, `setup` and `build`.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::run::{Failure, become_command, cargo, run, step};
use crate::workspace::Workspace;
use crate::{npm, page, tools};

/// Installs what is missing: targets, tools, npm packages.
pub(crate) fn setup(workspace: &Workspace) -> Result<(), Failure> {
    tools::ensure_targets()?;
    if workspace.has("frugal-web") {
        tools::ensure_tools()?;
    }
    npm::ensure(workspace)?;
    println!("==> targets, tools and npm packages are installed");
    Ok(())
}

/// Builds the page and the `frugal` command, each only where its sources changed.
pub(crate) fn build(workspace: &Workspace) -> Result<(), Failure> {
    if workspace.has("frugal-web") {
        page::ensure(workspace)?;
    }
    if workspace.has("frugal-cli") {
        build_command(workspace)?;
    }
    Ok(())
}

/// Builds the `frugal` command in the profile that the tests share.
pub(crate) fn build_command(workspace: &Workspace) -> Result<(), Failure> {
    step("build the frugal command", || {
        let mut build = cargo();
        build.args(["build", "--bin", "frugal"]).current_dir(&workspace.root);
        run(&mut build, "the lines above name the file; a C compiler is needed for SQLite")
    })
}

/// Says at once, and not after minutes of building, that an address cannot be had.
pub(crate) fn check_address(listen: &str) -> Result<(), Failure> {
    TcpListener::bind(listen).map(drop).map_err(|error| {
        let hint = "another program may hold the port: choose an address of this machine, as `--listen 127.0.0.1:8090`";
        Failure::new(format!("cannot listen on {listen}: {error}"), hint)
    })
}

/// Builds page and server and serves both in one process.
pub(crate) fn serve(workspace: &Workspace, listen: &str, data: &Path) -> Result<(), Failure> {
    build(workspace)?;
    println!("==> serve the page and its API on http://{listen} (stop with Ctrl-C)");
    let mut frugal = Command::new(workspace.binaries.join("frugal"));
    frugal.args(["serve", "--listen", listen, "--static", "dist", "--data"]).arg(data).current_dir(&workspace.root);
    if workspace.holds("public/problems") {
        frugal.args(["--problems", "public/problems"]);
    }
    become_command(&mut frugal, "run `cargo xtask build` to build it again")
}
