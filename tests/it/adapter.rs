//! The command on the best Vulkan adapter there is. `cargo xtask test --only gpu` names the drivers.

use serde_json::Value;

use crate::command::{frugal, json};
use crate::corpus;

fn generate(model: &str, backend: &str) -> Value {
    let folder = corpus::folder("vectors/parity").join(model).display().to_string();
    let arguments =
        ["generate", "--model", &folder, "--prompt", "the cat", "--max-tokens", "24", "--json", "--backend"];
    json(&frugal(&[&arguments[..], &[backend]].concat()))
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn a_gpu_writes_what_the_processor_writes() {
    for model in ["gpt2", "llama", "qwen2"] {
        let (on_gpu, on_cpu) = (generate(model, "gpu"), generate(model, "cpu"));
        assert_eq!(on_gpu["tokens"], on_cpu["tokens"], "{model}");
        assert!(on_gpu["backend"].as_str().unwrap().starts_with("GPU, "), "{on_gpu}");
        assert!(on_cpu["backend"].as_str().unwrap().starts_with("CPU, "), "{on_cpu}");
    }
}

#[test]
#[ignore = "needs a Vulkan driver: `cargo xtask test --only gpu`"]
fn software_is_called_software_and_chosen_only_by_name() {
    let folder = corpus::folder("vectors/parity").join("llama").display().to_string();
    let info = json(&frugal(&["model", "info", &folder, "--json"]));
    let best = &info["adapters"][0];
    let backend = generate("llama", "gpu")["backend"].as_str().unwrap().to_owned();
    assert!(backend.contains(best["name"].as_str().unwrap()), "{backend} is not {best}");
    let is_software = best["software"] == true;
    assert_eq!(backend.ends_with(", software"), is_software, "{backend}");
    let auto = generate("llama", "auto");
    assert_eq!(auto["backend"].as_str().unwrap().starts_with("CPU, "), is_software, "{auto}");
}
