//! Meters modules for the programs that measure in V8: `weave IN OUT [--plain] [--prepare] [--shared] [--calls] [--nan] [--depth]`,
//! where IN and OUT are two files or two folders of modules.
//!
//! `--plain` leaves the meter out, `--prepare` prepares as a runner does with a submitted module, and
//! `--shared` makes the meter's globals imports, as in a guest.

use std::error::Error;
use std::fs;
use std::path::Path;

use frugal_fuel::Limits;
use frugal_instrument::{Carrier, Globals, Options, instrument, prepare};

const USAGE: &str = "usage: weave IN OUT [--plain] [--prepare] [--shared] [--calls] [--nan] [--depth]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, flags @ ..] = &arguments[..] else { return Err(USAGE.into()) };
    let (input, output) = (Path::new(input), Path::new(output));
    if !input.is_dir() {
        return Ok(fs::write(output, weave(&fs::read(input)?, flags)?)?);
    }
    fs::create_dir_all(output)?;
    for entry in fs::read_dir(input)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            fs::write(output.join(path.file_name().unwrap_or_default()), weave(&fs::read(&path)?, flags)?)?;
        }
    }
    Ok(())
}

fn weave(module: &[u8], flags: &[String]) -> Result<Vec<u8>, Box<dyn Error>> {
    let flag = |name: &str| flags.iter().any(|flag| flag == name);
    let module = if flag("--prepare") { prepare(module, &(&Limits::default()).into())?.bytes } else { module.to_vec() };
    if flag("--plain") {
        return Ok(module);
    }
    let globals = if flag("--shared") { Globals::Shared } else { Globals::Own };
    let carrier = if flag("--calls") { Carrier::Calls } else { Carrier::Cell };
    let options = Options { globals, carrier, canonicalise_nan: flag("--nan"), depth: flag("--depth"), entry: None };
    Ok(instrument(&module, &options)?)
}
