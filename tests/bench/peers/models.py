"""Writes random Llama decoders in every contender's format, from one seed: `models.py FOLDER`.

For each model: `config.json` and `model.safetensors`; `f32.onnx` and `q4.onnx`; `f32.gguf` and `q4.gguf`. The four-bit
files hold the codes that ggml's `q4_0` rule gives (groups of 32, scales rounded to f16), so that every four-bit
contender computes with equal weights; the embedding is tied, and quantised too.
"""

import json
import struct
import sys
from pathlib import Path

import gguf
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SEED = 20240607
CONTEXT = 256
THETA = 10000.0
EPSILON = 1e-5
GROUP = 32
# hidden, layers, heads, ffn, vocabulary: as many keys as queries.
MODELS = {"m1": (128, 4, 4, 384, 1024), "m15": (288, 6, 6, 768, 32000)}


def weights(shape):
    """Matrices of variance 1/columns and gains around 1, by their names in a Llama checkpoint."""
    hidden, layers, _, ffn, vocabulary = shape
    random = np.random.default_rng(SEED)

    def matrix(rows, columns):
        bound = (3.0 / columns) ** 0.5
        return random.uniform(-bound, bound, (rows, columns)).astype(np.float32)

    def gain():
        return random.uniform(0.9, 1.1, hidden).astype(np.float32)

    named = {"model.embed_tokens.weight": matrix(vocabulary, hidden)}
    for layer in range(layers):
        at = f"model.layers.{layer}."
        named[at + "input_layernorm.weight"] = gain()
        for part in ["q_proj", "k_proj", "v_proj", "o_proj"]:
            named[f"{at}self_attn.{part}.weight"] = matrix(hidden, hidden)
        named[at + "post_attention_layernorm.weight"] = gain()
        named[at + "mlp.gate_proj.weight"] = matrix(ffn, hidden)
        named[at + "mlp.up_proj.weight"] = matrix(ffn, hidden)
        named[at + "mlp.down_proj.weight"] = matrix(hidden, ffn)
    named["model.norm.weight"] = gain()
    return named


def write_safetensors(path, named):
    header, data, at = {}, [], 0
    for name, array in named.items():
        raw = array.tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def write_config(path, shape):
    hidden, layers, heads, ffn, vocabulary = shape
    path.write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "vocab_size": vocabulary, "hidden_size": hidden, "intermediate_size": ffn, "num_hidden_layers": layers,
        "num_attention_heads": heads, "num_key_value_heads": heads, "max_position_embeddings": CONTEXT,
        "rms_norm_eps": EPSILON, "rope_theta": THETA, "tie_word_embeddings": True,
        "attention_bias": False, "mlp_bias": False, "torch_dtype": "float32",
    }, indent=2) + "\n")


def q4_0(matrix):
    """Codes 0..15 `[rows, groups, 32]` and f16 scales `[rows, groups]`: the largest weight of a group becomes -8."""
    groups = matrix.reshape(matrix.shape[0], -1, GROUP)
    largest = np.take_along_axis(groups, np.abs(groups).argmax(-1)[..., None], -1)
    scale = largest.astype(np.float64) / -8.0
    codes = np.minimum(15, np.floor(groups / np.where(scale == 0, 1, scale) + 8.5)).astype(np.uint8)
    return codes, scale[..., 0].astype(np.float16)


def dequantised(matrix):
    codes, scale = q4_0(matrix)
    return ((codes.astype(np.float32) - 8.0) * scale.astype(np.float32)[..., None]).reshape(matrix.shape)


class Graph:
    """A decoder of onnxruntime's fused operators; logits of the last position only."""

    def __init__(self, named, shape, four_bits):
        self.named, self.shape, self.four_bits = named, shape, four_bits
        self.nodes, self.constants = [], []
        self.count = 0

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind, inputs, outputs=1, domain="", **attributes):
        self.count += 1
        names = [f"t{self.count}_{i}" for i in range(outputs)] if isinstance(outputs, int) else outputs
        self.nodes.append(helper.make_node(kind, inputs, names, f"n{self.count}", domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def linear(self, x, name, parts):
        """`x` times the rows of all `parts`."""
        matrix = np.concatenate([self.named[part] for part in parts])
        if not self.four_bits:
            return self.node("MatMul", [x, self.constant(name, matrix.T)])
        codes, scale = q4_0(matrix)
        packed = codes[..., 0::2] | codes[..., 1::2] << 4
        inputs = [x, self.constant(name + ".codes", packed),
                  self.constant(name + ".scales", scale.astype(np.float32).reshape(-1))]
        return self.node("MatMulNBits", inputs, domain="com.microsoft", K=matrix.shape[1], N=matrix.shape[0], bits=4,
                         block_size=GROUP, accuracy_level=4)

    def norm(self, x, name):
        gain = self.constant(name, self.named[name])
        return self.node("SimplifiedLayerNormalization", [x, gain], axis=-1, epsilon=EPSILON, stash_type=1)

    def skip_norm(self, x, skip, name):
        """The norm of `x + skip`, and that sum."""
        gain = self.constant(name, self.named[name])
        self.count += 1
        normed, residual = f"normed{self.count}", f"residual{self.count}"
        self.node("SkipSimplifiedLayerNormalization", [x, skip, gain], [normed, "", "", residual],
                  domain="com.microsoft", epsilon=EPSILON)
        return normed, residual

    def layer(self, at, normed, residual, caches):
        heads = self.shape[2]
        projected = self.linear(normed, f"{at}qkv", [f"{at}self_attn.{part}_proj.weight" for part in "qkv"])
        past, present = caches
        inputs = [projected, "", "", *past, "seqlens_k", "total_length", "cos", "sin"]
        self.count += 1
        mixed = f"mixed{self.count}"
        self.node("GroupQueryAttention", inputs, [mixed, *present], domain="com.microsoft", num_heads=heads,
                  kv_num_heads=heads, do_rotary=1, rotary_interleaved=0)
        mixed = self.linear(mixed, f"{at}o", [f"{at}self_attn.o_proj.weight"])
        normed, residual = self.skip_norm(mixed, residual, f"{at}post_attention_layernorm.weight")
        gate = self.linear(normed, f"{at}gate", [f"{at}mlp.gate_proj.weight"])
        up = self.linear(normed, f"{at}up", [f"{at}mlp.up_proj.weight"])
        gate = self.node("Mul", [gate, self.node("Sigmoid", [gate])])
        down = self.linear(self.node("Mul", [gate, up]), f"{at}down", [f"{at}mlp.down_proj.weight"])
        return down, residual

    def model(self):
        hidden, layers, heads, _, vocabulary = self.shape
        head = hidden // heads
        angles = np.arange(CONTEXT)[:, None] * THETA ** (-2.0 * np.arange(head // 2) / head)
        self.constant("cos", np.cos(angles).astype(np.float32))
        self.constant("sin", np.sin(angles).astype(np.float32))
        table = self.named["model.embed_tokens.weight"]
        self.constant("table", dequantised(table) if self.four_bits else table)
        info = helper.make_tensor_value_info
        inputs = [info("ids", TensorProto.INT64, [1, "length"]), info("seqlens_k", TensorProto.INT32, [1]),
                  info("total_length", TensorProto.INT32, [])]
        outputs = [info("logits", TensorProto.FLOAT, [1, 1, vocabulary])]
        residual = self.node("Gather", ["table", "ids"])
        added = None
        for layer in range(layers):
            at = f"model.layers.{layer}."
            past, present = ([f"{kind}_{part}_{layer}" for part in ["key", "value"]] for kind in ["past", "present"])
            inputs += [info(name, TensorProto.FLOAT, [1, heads, "past", head]) for name in past]
            outputs += [info(name, TensorProto.FLOAT, [1, heads, "total", head]) for name in present]
            name = at + "input_layernorm.weight"
            if added is None:
                normed = self.norm(residual, name)
            else:
                normed, residual = self.skip_norm(added, residual, name)
            added, residual = self.layer(at, normed, residual, (past, present))
        # The last position alone goes on.
        last = self.constant("last", np.array([-1], np.int64))
        added, residual = (self.node("Gather", [x, last], axis=1) for x in (added, residual))
        normed, _ = self.skip_norm(added, residual, "model.norm.weight")
        logits = self.linear(normed, "head", ["model.embed_tokens.weight"])
        self.node("Identity", [logits], ["logits"])
        graph = helper.make_graph(self.nodes, "decoder", inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def write_gguf(path, named, shape, four_bits):
    hidden, layers, heads, ffn, vocabulary = shape
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(ffn)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_rope_dimension_count(hidden // heads)
    writer.add_rope_freq_base(THETA)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0 if four_bits else gguf.LlamaFileType.ALL_F32)
    # Tokens go in and out as numbers; a file without a tokenizer is refused.
    special = ["<unk>", "<s>", "</s>"]
    pieces = special + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += [f"t{i}" for i in range(len(pieces), vocabulary)]
    kinds = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.BYTE] * 256
    kinds += [gguf.TokenType.NORMAL] * (vocabulary - len(kinds))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * vocabulary)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    parts = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
             "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
             "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    for name, array in named.items():
        if name.startswith("model.layers."):
            layer, part = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
            target = f"blk.{layer}.{parts[part]}.weight"
            if parts[part] in ("attn_q", "attn_k"):
                # Rotary pairs stand side by side there, not half a head apart.
                array = array.reshape(heads, 2, hidden // heads // 2, hidden).swapaxes(1, 2).reshape(hidden, hidden)
        else:
            target = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}[name]
        if four_bits and array.ndim == 2:
            codes, scale = q4_0(array)
            packed = codes[..., :GROUP // 2] | codes[..., GROUP // 2:] << 4
            blocks = np.concatenate([scale[..., None].view(np.uint8), packed], -1).reshape(array.shape[0], -1)
            writer.add_tensor(target, blocks, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
        else:
            writer.add_tensor(target, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    for name, shape in MODELS.items():
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        named = weights(shape)
        write_config(folder / "config.json", shape)
        write_safetensors(folder / "model.safetensors", named)
        for storage, four_bits in [("f32", False), ("q4", True)]:
            onnx.save(Graph(named, shape, four_bits).model(), folder / f"{storage}.onnx")
            write_gguf(folder / f"{storage}.gguf", named, shape, four_bits)
        print(f"{name}: {sum(array.size for array in named.values())} parameters in {folder}")


if __name__ == "__main__":
    main()
