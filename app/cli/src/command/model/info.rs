//! `frugal model info`.

use frugal_gpu::{Adapter, Gpu};
use frugal_model::config::{Config, Family};
use frugal_model::weights::Format;
use serde_json::{Value, json};

use crate::checkpoint::Model;
use crate::failure::{Failure, print};

/// Prints what a model is made of.
pub(super) fn info(model: &Model, is_json: bool) -> Result<(), Failure> {
    let config = &model.config;
    let architecture = architecture(config);
    let format = match model.format {
        Format::Safetensors => "safetensors",
        Format::Gguf => "gguf",
    };
    let files: Vec<&str> = model.catalog.files().iter().map(|listing| listing.file.as_str()).collect();
    let tensors: usize = model.catalog.files().iter().map(|listing| listing.entries.len()).sum();
    // Keys and values of all layers, as f32.
    let cache_bytes_per_token = 2 * 4 * config.layers * config.kv_heads * config.head_size;
    let adapters = Gpu::adapters();
    if is_json {
        let whole = json!({
            "architecture": architecture,
            "format": format,
            "files": files,
            "tensors": tensors,
            "weights_bytes": model.catalog.weights_bytes(),
            "parameters": config.parameters(),
            "vocabulary": config.vocabulary,
            "hidden": config.hidden,
            "ffn": config.ffn,
            "layers": config.layers,
            "heads": config.heads,
            "kv_heads": config.kv_heads,
            "head_size": config.head_size,
            "context": config.context,
            "tied": config.tied,
            "cache_bytes_per_token": cache_bytes_per_token,
            "chat_template": model.has_chat_template(),
            "adapters": adapters.iter().map(adapter_json).collect::<Vec<_>>(),
        });
        return print(&format!("{whole}\n"));
    }
    print(&format!(
        "architecture   {architecture}\n\
         files          {} ({format}, {tensors} tensors, {} bytes)\n\
         parameters     {}\n\
         shape          {} layers, {} heads ({} of keys and values) of {}, hidden {}, FFN {}\n\
         vocabulary     {}{}\n\
         context        {} tokens, {cache_bytes_per_token} bytes of cache each\n\
         chat template  {}\n\
         GPU adapters   {}\n",
        files.join(", "),
        model.catalog.weights_bytes(),
        config.parameters(),
        config.layers,
        config.heads,
        config.kv_heads,
        config.head_size,
        config.hidden,
        config.ffn,
        config.vocabulary,
        if config.tied { " (head tied to the embedding)" } else { "" },
        config.context,
        if model.has_chat_template() { "yes" } else { "no" },
        adapter_names(&adapters),
    ))
}

/// The family's name.
pub(super) fn architecture(config: &Config) -> &'static str {
    match config.family {
        Family::Llama => "llama",
        Family::Qwen2 => "qwen2",
        Family::Gpt2 => "gpt2",
        _ => "other",
    }
}

fn adapter_json(adapter: &Adapter) -> Value {
    json!({
        "name": adapter.name,
        "driver": adapter.driver,
        "software": adapter.software,
        "binding_bytes_max": adapter.binding_bytes,
        "buffer_bytes_max": adapter.buffer_bytes,
    })
}

fn adapter_names(adapters: &[Adapter]) -> String {
    let name = |adapter: &Adapter| match adapter.software {
        true => format!("{} (software)", adapter.name),
        false => adapter.name.clone(),
    };
    if adapters.is_empty() { "none".to_owned() } else { adapters.iter().map(name).collect::<Vec<_>>().join(", ") }
}
