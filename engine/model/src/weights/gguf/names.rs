/// Hugging Face's name of a GGUF tensor of the architectures that we read; `None` where there is none.
///
/// Reference: `gguf-py/gguf/tensor_mapping.py` of llama.cpp. Query and key rows of `llama` stay in GGUF's order, which
/// rotates neighbours: [`Config::from_gguf`](crate::config::Config::from_gguf) says so in its rope layout. `gpt2`
/// stores matrices output by input, where Hugging Face's `Conv1D` has them input by output.
pub fn hugging_face_name(architecture: &str, name: &str) -> Option<String> {
    match architecture {
        "llama" | "qwen2" => llama(name),
        "gpt2" => gpt2(name),
        _ => None,
    }
}

/// Splits `blk.N.rest.weight` into layer, rest and kind.
fn block(name: &str) -> Option<(usize, &str, &str)> {
    let (layer, rest) = name.strip_prefix("blk.")?.split_once('.')?;
    let (part, kind) = rest.rsplit_once('.')?;
    Some((layer.parse().ok()?, part, kind))
}

fn llama(name: &str) -> Option<String> {
    let whole = match name {
        "token_embd.weight" => "model.embed_tokens.weight",
        "output_norm.weight" => "model.norm.weight",
        "output.weight" => "lm_head.weight",
        _ => "",
    };
    if !whole.is_empty() {
        return Some(whole.into());
    }
    let (layer, part, kind) = block(name)?;
    let part = match part {
        "attn_norm" => "input_layernorm",
        "ffn_norm" => "post_attention_layernorm",
        "attn_q" => "self_attn.q_proj",
        "attn_k" => "self_attn.k_proj",
        "attn_v" => "self_attn.v_proj",
        "attn_output" => "self_attn.o_proj",
        "ffn_gate" => "mlp.gate_proj",
        "ffn_up" => "mlp.up_proj",
        "ffn_down" => "mlp.down_proj",
        _ => return None,
    };
    Some(format!("model.layers.{layer}.{part}.{kind}"))
}

fn gpt2(name: &str) -> Option<String> {
    let whole = match name {
        "token_embd.weight" => "transformer.wte.weight",
        "position_embd.weight" => "transformer.wpe.weight",
        "output_norm.weight" => "transformer.ln_f.weight",
        "output_norm.bias" => "transformer.ln_f.bias",
        "output.weight" => "lm_head.weight",
        _ => "",
    };
    if !whole.is_empty() {
        return Some(whole.into());
    }
    let (layer, part, kind) = block(name)?;
    let part = match part {
        "attn_norm" => "ln_1",
        "ffn_norm" => "ln_2",
        "attn_qkv" => "attn.c_attn",
        "attn_output" => "attn.c_proj",
        "ffn_up" => "mlp.c_fc",
        "ffn_down" => "mlp.c_proj",
        _ => return None,
    };
    Some(format!("transformer.h.{layer}.{part}.{kind}"))
}
