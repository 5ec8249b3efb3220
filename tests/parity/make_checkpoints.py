"""Makes the parity fixtures of tests/vectors/parity with Hugging Face's own libraries.

    python -m venv venv && venv/bin/pip install -r tests/parity/requirements.txt
    venv/bin/python tests/parity/make_checkpoints.py tests/vectors/parity

Everything is seeded: the same versions give the same bytes. Frugal's own code takes no part, so it never judges itself.
The folder is emptied first; MANIFEST.sha256 lists every file with its digest in the format of sha256sum.
"""

import hashlib
import json
import pathlib
import shutil
import sys

import chat_templates
import checkpoints
import gguf_files
import tokenizer_files

BYTES_MAX = 256 * 1024


def main():
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    tokenizer_files.make(out / "tokenizers")
    chat_templates.make(out / "templates")
    for name in checkpoints.MODELS:
        checkpoints.make(name, out / name, out / "tokenizers")
    gguf_files.make(out / "llama", out / "gguf")
    lines = []
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        assert path.stat().st_size <= BYTES_MAX, f"{path} has {path.stat().st_size} bytes"
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out).as_posix()}\n")
    (out / "MANIFEST.sha256").write_text("".join(lines))
    total = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    print(json.dumps({"files": len(lines), "bytes": total}))


if __name__ == "__main__":
    main()
