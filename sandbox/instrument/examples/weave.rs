//! Prepares and meters one module: `weave IN.wasm OUT.wasm [--plain] [--nan] [--depth]`.
//! With `--plain` it only prepares, which is what a metered module is compared with.

use std::error::Error;

use frugal_fuel::Limits;
use frugal_instrument::{Globals, Options, instrument, prepare};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, flags @ ..] = &arguments[..] else {
        return Err("usage: weave IN.wasm OUT.wasm [--plain] [--nan] [--depth]".into());
    };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);
    let prepared = prepare(&std::fs::read(input)?, &(&Limits::default()).into())?.bytes;
    let options =
        Options { globals: Globals::Own, canonicalise_nan: flag("--nan"), depth: flag("--depth"), entry: None };
    let module = if flag("--plain") { prepared } else { instrument(&prepared, &options)? };
    Ok(std::fs::write(output, module)?)
}
