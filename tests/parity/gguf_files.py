"""The tiny Llama checkpoint as GGUF in each encoding that we read, and what gguf's own code dequantises."""

import hashlib
import json

import gguf
import numpy
from safetensors.numpy import load_file

KINDS = {
    "f32": gguf.GGMLQuantizationType.F32,
    "f16": gguf.GGMLQuantizationType.F16,
    "q8_0": gguf.GGMLQuantizationType.Q8_0,
    "q4_0": gguf.GGMLQuantizationType.Q4_0,
}
FILE_TYPES = {"f32": 0, "f16": 1, "q8_0": 7, "q4_0": 2}
NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.o_proj.weight": "attn_output.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
}


def gguf_name(name):
    if name in NAMES:
        return NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest]}"


def interleaved(weights, heads):
    """Rows of a query or key projection, from halves to the pairs that GGUF's Llama rotates."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write(path, kind, config, tensors, tokenizer):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("llama")
    writer.add_token_list(sorted(tokenizer, key=tokenizer.get))
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(True)
    digests = {}
    for name, weights in tensors.items():
        stored = KINDS[kind] if weights.ndim > 1 else KINDS["f32"]
        data = gguf.quants.quantize(weights, stored)
        digests[name] = [stored.name, hashlib.sha256(gguf.quants.dequantize(data, stored).astype("<f4").tobytes()).hexdigest()]
        writer.add_tensor(name, data, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return digests


def make(checkpoint, out):
    out.mkdir(parents=True)
    config = json.loads((checkpoint / "config.json").read_text())
    vocabulary = json.loads((checkpoint / "tokenizer.json").read_text())["model"]["vocab"]
    tensors = {}
    for name, weights in sorted(load_file(checkpoint / "model.safetensors").items()):
        weights = weights.astype(numpy.float32)
        if "q_proj" in name:
            weights = interleaved(weights, config["num_attention_heads"])
        if "k_proj" in name:
            weights = interleaved(weights, config["num_key_value_heads"])
        tensors[gguf_name(name)] = weights
    digests = {}
    for kind in KINDS:
        digests[kind] = write(out / f"llama-{kind}.gguf", kind, config, tensors, vocabulary)
    (out / "dequantised.json").write_text(json.dumps(digests, indent=1) + "\n")
