"""Writes the golden numbers of training: losses and gradients of small decoders by PyTorch.

python make.py    with torch and transformers installed; writes SHAPE.json beside this file.

The decoders are those of transformers, their weights those of `Decoder::random` with the same seed, so that no weight is
stored. A file holds ten steps of AdamW with decay on every parameter and the gradient's norm clipped, and of the first
step's gradient each parameter's norm and some elements.
"""

import json
import pathlib

import torch
import transformers

SEED, STEPS, SEQUENCES, TIME, VOCABULARY, PICKED = 5, 10, 4, 16, 48, 12
ADAMW = dict(lr=3e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
CLIP = 1.0


class Random:
    """The upper 24 bits of Knuth's 64-bit congruential generator."""

    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self.state >> 40


def configurations():
    rope = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                vocab_size=VOCABULARY, max_position_embeddings=64, rms_norm_eps=1e-5, rope_theta=10000.0)
    gpt2 = dict(n_embd=32, n_inner=64, n_layer=2, n_head=4, vocab_size=VOCABULARY, n_positions=64, resid_pdrop=0.0,
                embd_pdrop=0.0, attn_pdrop=0.0, activation_function="gelu_new")
    return {
        "llama": transformers.LlamaConfig(tie_word_embeddings=False, **rope),
        "qwen2": transformers.Qwen2Config(tie_word_embeddings=True, **rope),
        "gpt2": transformers.GPT2Config(**gpt2),
    }


def parameters(model):
    """Names and parameters in the order of names; a parameter that is used twice has its first name."""
    return sorted(dict(model.named_parameters()).items())


def turned(name):
    """Whether transformers keeps a matrix input by output."""
    return name.endswith("weight") and any(part in name for part in ("c_attn", "c_proj", "c_fc"))


def fill(model):
    random = Random(SEED)
    for name, parameter in parameters(model):
        turn = turned(name) and parameter.dim() == 2
        shape = parameter.shape[::-1] if turn else parameter.shape
        if len(shape) == 1:
            centre, spread = (1.0, 0.1) if name.endswith("weight") else (0.0, 0.1)
        else:
            centre, spread = 0.0, (3.0 / shape[-1]) ** 0.5
        values = [centre + spread * (random.bits() / 2**23 - 1.0) for _ in range(parameter.numel())]
        values = torch.tensor(values, dtype=torch.float64).to(torch.float32).reshape(shape)
        with torch.no_grad():
            parameter.copy_(values.T if turn else values)


def gradient(name, parameter):
    values = (parameter.grad.T if turned(name) and parameter.dim() == 2 else parameter.grad).flatten()
    at = sorted({round(i * (len(values) - 1) / (PICKED - 1)) for i in range(PICKED)})
    return dict(name=name, norm=values.double().norm().item(), at=at, values=[values[i].item() for i in at])


def run(config):
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().train()
    fill(model)
    optimiser = torch.optim.AdamW(model.parameters(), **ADAMW)
    random, steps, gradients = Random(7), [], None
    for _ in range(STEPS):
        tokens = [[random.bits() % VOCABULARY for _ in range(TIME)] for _ in range(SEQUENCES)]
        # The last token predicts nothing, and neither do the first three of the first sequence.
        targets = [row[1:] + [-100] for row in tokens]
        targets[0][:3] = [-100] * 3
        logits = model(torch.tensor(tokens)).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.tensor(targets).flatten())
        optimiser.zero_grad()
        loss.backward()
        if gradients is None:
            gradients = [gradient(*named) for named in parameters(model)]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        flat = [None if target < 0 else target for row in targets for target in row]
        steps.append(dict(tokens=sum(tokens, []), targets=flat, loss=loss.item(), gradient_norm=norm.item()))
    return dict(torch=torch.__version__, transformers=transformers.__version__, seed=SEED, sequences=SEQUENCES, time=TIME,
                clip_norm=CLIP, adamw=ADAMW, gradients=gradients, steps=steps)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for shape, config in configurations().items():
        path = pathlib.Path(__file__).with_name(f"{shape}.json")
        path.write_text(json.dumps(run(config)) + "\n")
        print(path.name, path.stat().st_size)
