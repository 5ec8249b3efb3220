"""Makes the files beside this folder, from a seed alone. `python train.py --steps 1500`; about half an hour on one core.

The network is a Llama of transformers, so that the files are what any other program reads; weights are stored as f16.
"""

import argparse
import hashlib
import json
import pathlib
import random
import time

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

import tasks

OUT = pathlib.Path(__file__).resolve().parent.parent
END = "<|end|>"
SEED, VOCABULARY, LENGTH, BATCH = 20261124, 512, 192, 24
TEMPLATE = "{% for message in messages %}{% if message.role == 'user' %}# {{ message.content | trim }}\ndef{% elif message.role == 'assistant' %}{{ message.content }}<|end|>{% endif %}{% endfor %}"


def make_tokenizer(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[END], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def make_model():
    torch.manual_seed(SEED)
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=512, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=None, eos_token_id=0, pad_token_id=0))


def judge(model, tokenizer, heads):
    """Share of heads whose greedy continuation does what the reference does on random lists."""
    rng, right = random.Random(7), 0
    for head, parameters, reference in heads:
        # Without its line end: the tokenizer joins that with the indentation that follows.
        head = head.rstrip("\n")
        ids = tokenizer.encode(head).ids
        out = model.generate(torch.tensor([ids]), max_new_tokens=120, do_sample=False, eos_token_id=0, pad_token_id=0)
        body = tokenizer.decode(out[0][len(ids):].tolist(), skip_special_tokens=True)
        name = head.split("def ")[1].split("(")[0]
        lists = [[rng.randint(-9, 30) for _ in range(n)] for n in (0, 1, 5, 9)]
        calls = [[values] + [8] * (len(parameters) - 1) for values in lists]
        try:
            results = []
            for code in (head + body, head + "\n" + reference):
                space = {}
                exec(code, space)
                results.append([space[name](*call) for call in calls])
            right += results[0] == results[1]
        except Exception:
            pass
    return right / len(heads)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1500)
    steps = parser.parse_args().steps
    torch.set_num_threads(1)
    texts = tasks.corpus(SEED, 40_000)
    tokenizer = make_tokenizer(texts[:8_000])
    stream = torch.tensor([id for text in texts for id in tokenizer.encode(text).ids + [0]])
    model, generator, begun = make_model(), torch.Generator().manual_seed(SEED), time.time()
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.95), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps, pct_start=0.05)
    for step in range(steps):
        at = torch.randint(0, len(stream) - LENGTH, (BATCH,), generator=generator)
        batch = torch.stack([stream[i:i + LENGTH] for i in at])
        loss = model(input_ids=batch, labels=batch).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step} loss {loss.item():.4f} seconds {time.time() - begun:.0f}", flush=True)
    model.half().float().eval()
    heads = tasks.held_out()
    share = judge(model, tokenizer, heads)
    model.half().save_pretrained(OUT, safe_serialization=True)
    tokenizer.save(str(OUT / "tokenizer.json"))
    (OUT / "tokenizer_config.json").write_text(json.dumps({"eos_token": END, "chat_template": TEMPLATE}, indent=2) + "\n")
    digest = hashlib.sha256((OUT / "model.safetensors").read_bytes()).hexdigest()
    print(json.dumps({"held_out_tasks": len(heads), "held_out_right": share, "last_loss": round(loss.item(), 4), "sha256": digest,
                      "parameters": sum(p.numel() for p in model.parameters()), "tokens_in_corpus": len(stream)}))


if __name__ == "__main__":
    main()
