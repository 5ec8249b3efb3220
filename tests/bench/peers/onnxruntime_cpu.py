"""onnxruntime on one thread: `onnxruntime_cpu.py MODEL.onnx PROMPT_TOKENS TOKENS`; a line in, a round's JSON out."""

import json
import sys
import time

import numpy as np
import onnxruntime

CONTEXT = 256


def main():
    path, prompt_tokens, tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    vocabulary = session.get_outputs()[0].shape[-1]
    prompt = np.array([[(i * 7919 + 13) % vocabulary for i in range(prompt_tokens)]], np.int64)
    names = [given.name for given in session.get_inputs() if given.name.startswith("past_")]
    _, heads, _, head = session.get_inputs()[-1].shape
    # One memory for past and present: keys and values are appended in place.
    caches = [np.zeros((1, heads, CONTEXT, head), np.float32) for _ in names]
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(cache) for cache in caches]
    logits = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((1, 1, vocabulary), np.float32))

    def step(ids, total):
        binding = session.io_binding()
        binding.bind_cpu_input("ids", ids)
        binding.bind_cpu_input("seqlens_k", np.array([total - 1], np.int32))
        binding.bind_cpu_input("total_length", np.array(total, np.int32))
        for name, value in zip(names, values):
            binding.bind_ortvalue_input(name, value)
            binding.bind_ortvalue_output(name.replace("past", "present"), value)
        binding.bind_ortvalue_output("logits", logits)
        session.run_with_iobinding(binding)
        return int(logits.numpy().argmax())

    def round():
        start = time.perf_counter()
        ids = [step(prompt, prompt_tokens)]
        arrived = [time.perf_counter()]
        for total in range(prompt_tokens + 1, prompt_tokens + tokens):
            ids.append(step(np.array([ids[-1:]], np.int64), total))
            arrived.append(time.perf_counter())
        token_ms = [(b - a) * 1e3 for a, b in zip(arrived, arrived[1:])]
        return {"prefill_ms": (arrived[0] - start) * 1e3, "token_ms": token_ms, "ids": ids}

    print(json.dumps({"name": "onnxruntime", "version": onnxruntime.__version__}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(round()), flush=True)


if __name__ == "__main__":
    main()
