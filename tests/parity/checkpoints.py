"""Tiny random Llama, Qwen2 and GPT-2 checkpoints, their logits and their greedy continuations."""

import json
import shutil

import torch
from safetensors.torch import save_file
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

VOCABULARY = 320
PROMPT_LENGTHS = (1, 7, 33)
GREEDY_TOKENS = 64
# The two largest logits of each greedy step lie at least this far apart, relative to the largest magnitude: a backend
# within the tolerance of 2e-5 cannot pick another token.
MARGIN_MIN = 1e-3

LLAMA = dict(
    vocab_size=VOCABULARY, hidden_size=32, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, tie_word_embeddings=False,
    bos_token_id=0, eos_token_id=1, rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
)
QWEN2 = dict(
    vocab_size=VOCABULARY, hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=6,
    num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-6, tie_word_embeddings=True,
    bos_token_id=0, eos_token_id=1, use_sliding_window=False,
    rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
)
GPT2 = dict(
    vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=128, layer_norm_epsilon=1e-5,
    bos_token_id=0, eos_token_id=1,
)

# Class, configuration, seed, tokenizer, shard size. Qwen2 is stored in shards.
MODELS = {
    "llama": (LlamaForCausalLM, LlamaConfig, LLAMA, 11, "sentencepiece_bpe", "10MB"),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config, QWEN2, 12, "split_bpe", "80KB"),
    "gpt2": (GPT2LMHeadModel, GPT2Config, GPT2, 13, "byte_bpe", "10MB"),
}


def randomise(model, seed):
    """Every parameter random, norms around one and biases included, so that none can be left out unnoticed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                parameter.copy_(noise * 0.25)
            elif name.endswith("bias"):
                parameter.copy_(noise * 0.1)
            else:
                parameter.copy_(1 + noise * 0.1)


def greedy(model, prompt):
    """Greedy continuation by whole forwards, without a cache, and the smallest relative margin of its choices."""
    ids = list(prompt)
    margin = float("inf")
    for _ in range(GREEDY_TOKENS):
        logits = model(torch.tensor([ids])).logits[0, -1]
        top = torch.topk(logits, 2).values
        margin = min(margin, ((top[0] - top[1]) / logits.abs().max()).item())
        ids.append(int(logits.argmax()))
    return ids[len(prompt):], margin


def seeded(kind, config_kind, settings, seed):
    """A model whose greedy choices are clear, from the first seed that gives one."""
    while True:
        model = kind(config_kind(**settings)).eval()
        randomise(model, seed)
        generator = torch.Generator().manual_seed(seed + 1000)
        prompts = [torch.randint(2, VOCABULARY, (n,), generator=generator).tolist() for n in PROMPT_LENGTHS]
        runs = [greedy(model, prompt) for prompt in prompts]
        distinct = min(len(set(ids)) for ids, _ in runs)
        if min(margin for _, margin in runs) >= MARGIN_MIN and distinct >= 8:
            return model, prompts, runs, seed
        seed += 100


def make(name, out, tokenizers):
    kind, config_kind, settings, seed, tokenizer, shard_size = MODELS[name]
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with torch.no_grad():
        model, prompts, runs, seed = seeded(kind, config_kind, settings, seed)
        logits = {
            f"logits.{i}": model(torch.tensor([prompt])).logits[0].contiguous() for i, prompt in enumerate(prompts)
        }
    model.save_pretrained(out, max_shard_size=shard_size)
    shutil.copy(tokenizers / f"{tokenizer}.json", out / "tokenizer.json")
    save_file(logits, out / "logits.safetensors")
    expected = {
        "seed": seed,
        "prompts": prompts,
        "greedy": [ids for ids, _ in runs],
        "smallest_margin": min(margin for _, margin in runs),
    }
    (out / "expected.json").write_text(json.dumps(expected) + "\n")
