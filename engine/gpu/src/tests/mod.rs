#![allow(clippy::unwrap_used, clippy::print_stdout)]
mod adapter;

use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::ops;

/// What a browser would say of a kernel.
fn judge(wgsl: &str) -> Result<naga::Module, String> {
    let module = naga::front::wgsl::parse_str(wgsl).map_err(|error| error.emit_to_string(wgsl))?;
    // What WebGPU grants everywhere, which is nothing but the built-ins that unpack halves.
    let granted = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    let mut validator = Validator::new(ValidationFlags::all(), granted);
    validator.validate(&module).map_err(|error| error.emit_to_string(wgsl))?;
    Ok(module)
}

#[test]
fn every_kernel_is_valid_without_extensions() {
    let kernels = ops::all();
    assert!(kernels.len() > 60, "{} kernels", kernels.len());
    let mut faults = Vec::new();
    for kernel in kernels {
        let wgsl = kernel.wgsl();
        let module = match judge(&wgsl) {
            Ok(module) => module,
            Err(error) => {
                faults.push(format!("{} {:?}: {error}", kernel.source.name, kernel.parts));
                continue;
            }
        };
        assert!(!wgsl.contains("//#include"), "{}: an include is left", kernel.source.name);
        let names = module.overrides.iter().filter_map(|(_, constant)| constant.name.as_deref());
        let known: Vec<&str> = names.collect();
        for (constant, _) in &kernel.constants {
            assert!(known.contains(constant), "{} has no constant {constant}", kernel.source.name);
        }
    }
    assert!(faults.is_empty(), "{} kernels:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_judge_finds_faults() {
    assert!(judge("@compute @workgroup_size(1) fn main() { let x: u32 = 1.5; }").is_err());
    assert!(judge("enable f16; @compute @workgroup_size(1) fn main() { let x = 1.5h; }").is_err(), "an extension");
}
