/// Hugging Face's name of a GGUF tensor of the architectures that we read; `None` where there is none.
///
/// Reference: `gguf-py/gguf/tensor_mapping.py` of llama.cpp. Query and key rows of `llama` stay in GGUF's order, which
/// rotates neighbours: [`Config::from_gguf`](crate::config::Config::from_gguf) says so in its rope layout. `gpt2`
/// stores matrices output by input, where Hugging Face's `Conv1D` has them input by output.
pub fn hugging_face_name(architecture: &str, name: &str) -> Option<String> {
    let (wholes, parts, layers) = tables(architecture)?;
    if let Some((_, ours)) = wholes.iter().find(|(theirs, _)| *theirs == name) {
        return Some((*ours).to_owned());
    }
    let (layer, part, kind) = block(name)?;
    let (_, ours) = parts.iter().find(|(theirs, _)| *theirs == part)?;
    Some(format!("{layers}.{layer}.{ours}.{kind}"))
}

/// Splits `blk.N.rest.weight` into layer, rest and kind.
fn block(name: &str) -> Option<(usize, &str, &str)> {
    let (layer, rest) = name.strip_prefix("blk.")?.split_once('.')?;
    let (part, kind) = rest.rsplit_once('.')?;
    Some((layer.parse().ok()?, part, kind))
}

/// GGUF's name of a tensor that has this name at Hugging Face.
pub fn gguf_name(architecture: &str, name: &str) -> Option<String> {
    let (wholes, parts, layers) = tables(architecture)?;
    if let Some((theirs, _)) = wholes.iter().find(|(_, ours)| *ours == name) {
        return Some((*theirs).to_owned());
    }
    let (layer, rest) = name.strip_prefix(layers)?.strip_prefix('.')?.split_once('.')?;
    let layer: usize = layer.parse().ok()?;
    let (part, kind) = rest.rsplit_once('.')?;
    let (theirs, _) = parts.iter().find(|(_, ours)| *ours == part)?;
    Some(format!("blk.{layer}.{theirs}.{kind}"))
}

/// Names of GGUF beside those of Hugging Face.
type Pairs = &'static [(&'static str, &'static str)];

/// Whole names, parts of a layer, and where layers stand.
fn tables(architecture: &str) -> Option<(Pairs, Pairs, &'static str)> {
    match architecture {
        "llama" | "qwen2" => Some((LLAMA, LLAMA_LAYER, "model.layers")),
        "gpt2" => Some((GPT2, GPT2_LAYER, "transformer.h")),
        _ => None,
    }
}

const LLAMA: Pairs = &[
    ("token_embd.weight", "model.embed_tokens.weight"),
    ("output_norm.weight", "model.norm.weight"),
    ("output.weight", "lm_head.weight"),
];

const LLAMA_LAYER: Pairs = &[
    ("attn_norm", "input_layernorm"),
    ("ffn_norm", "post_attention_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

const GPT2: Pairs = &[
    ("token_embd.weight", "transformer.wte.weight"),
    ("position_embd.weight", "transformer.wpe.weight"),
    ("output_norm.weight", "transformer.ln_f.weight"),
    ("output_norm.bias", "transformer.ln_f.bias"),
    ("output.weight", "lm_head.weight"),
];

const GPT2_LAYER: Pairs = &[
    ("attn_norm", "ln_1"),
    ("ffn_norm", "ln_2"),
    ("attn_qkv", "attn.c_attn"),
    ("attn_output", "attn.c_proj"),
    ("ffn_up", "mlp.c_fc"),
    ("ffn_down", "mlp.c_proj"),
];
