"""Tokenizers of the four shapes that checkpoints bring, and their encodings of the strings of strings.py.

Encodings are stored as digests of a hundred strings each; the first strings' ids stand in clear text for people.
"""

import hashlib
import json
import struct
import zlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import strings

VOCABULARY = 320
BLOCK = 100
CLEAR = 40

# The split patterns of GPT-2's descendants, as Qwen2 and Llama 3 publish them.
QWEN2_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3_PATTERN = QWEN2_PATTERN.replace(r"|\p{N}| ", r"|\p{N}{1,3}| ")


def byte_bpe():
    """GPT-2's: byte-level pairs behind the built-in pattern."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<s>", "</s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False)
    tokenizer.train_from_iterator(strings.training_text(), trainer)
    return tokenizer


def split_bpe(pattern=QWEN2_PATTERN, ignore_merges=False):
    """Qwen2's and Llama 3's: NFC, an explicit pattern, bytes, chat tokens, a beginning token from the template."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = None if ignore_merges else normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 4, special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(strings.training_text(), trainer)
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<unk>", lstrip=True, rstrip=True, normalized=False),
                          AddedToken("naïve", single_word=True, normalized=True)])
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 0)]),
    ])
    return tokenizer


def sentencepiece_bpe():
    """Llama 2's: a converted SentencePiece model, word marks by the normaliser, unknown characters as bytes."""
    learner = Tokenizer(models.BPE(unk_token="<unk>"))
    marks = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    learner.normalizer = marks
    learner.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="never")
    learner.train_from_iterator(
        [line for line in strings.training_text() if line.isascii()] + strings.WORDS[:60],
        trainers.BpeTrainer(vocab_size=VOCABULARY - 259, special_tokens=["<unk>"], limit_alphabet=40, show_progress=False))
    learned = json.loads(learner.to_str())["model"]
    pieces = sorted(learned["vocab"], key=learned["vocab"].get)[1:]
    vocabulary = ["<s>", "</s>", "<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)] + pieces
    merges = [tuple(pair) for pair in learned["merges"]]
    tokenizer = Tokenizer(models.BPE(
        vocab={piece: i for i, piece in enumerate(vocabulary)}, merges=merges, unk_token="<unk>", fuse_unk=True,
        byte_fallback=True))
    tokenizer.normalizer = marks
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<s>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 0)])
    return tokenizer


def unigram(byte_fallback=False):
    """A SentencePiece-like unigram model behind NFKC and word marks, T5's shape."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip(left=False, right=True)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    specials = ["<s>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        strings.training_text(),
        trainers.UnigramTrainer(vocab_size=VOCABULARY, special_tokens=specials, unk_token="<unk>", show_progress=False))
    if byte_fallback:
        description = json.loads(tokenizer.to_str())
        description["model"]["byte_fallback"] = True
        description["model"]["vocab"] += [[f"<0x{byte:02X}>", 0.0] for byte in range(256)]
        description["decoder"] = {"type": "Sequence", "decoders": [
            {"type": "ByteFallback"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]}
        tokenizer = Tokenizer.from_str(json.dumps(description))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def digits():
    """Code models': digits apart, then GPT-2's bytes with a leading space."""
    tokenizer = byte_bpe()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=True)])
    return tokenizer


TOKENIZERS = {
    "byte_bpe": byte_bpe,
    "split_bpe": split_bpe,
    "llama3_bpe": lambda: split_bpe(LLAMA3_PATTERN, ignore_merges=True),
    "sentencepiece_bpe": sentencepiece_bpe,
    "unigram": unigram,
    "unigram_bytes": lambda: unigram(byte_fallback=True),
    "digits_bpe": digits,
}


def digest(parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()


def ids_bytes(ids):
    return struct.pack(f"<{len(ids) + 1}I", len(ids), *ids)


def text_bytes(text):
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def make(out):
    out.mkdir(parents=True)
    raw = strings.strings()
    (out / "strings.zlib").write_bytes(zlib.compress(b"".join(struct.pack("<I", len(s)) + s for s in raw), 9))
    texts = [s.decode("utf-8", errors="replace") for s in raw]
    for name, build in TOKENIZERS.items():
        build().save(str(out / f"{name}.json"), pretty=False)
        tokenizer = Tokenizer.from_file(str(out / f"{name}.json"))
        ids = [tokenizer.encode(text, add_special_tokens=True).ids for text in texts]
        plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        decoded = [tokenizer.decode(one, skip_special_tokens=True) for one in ids]
        full = [tokenizer.decode(one, skip_special_tokens=False) for one in ids]
        blocks = range(0, len(texts), BLOCK)
        expected = {
            "block": BLOCK,
            "ids": [digest(map(ids_bytes, ids[i:i + BLOCK])) for i in blocks],
            "plain_ids": [digest(map(ids_bytes, plain[i:i + BLOCK])) for i in blocks],
            "decoded": [digest(map(text_bytes, decoded[i:i + BLOCK])) for i in blocks],
            "decoded_with_special": [digest(map(text_bytes, full[i:i + BLOCK])) for i in blocks],
            "clear": [[texts[i], ids[i], full[i]] for i in range(CLEAR)],
        }
        (out / f"{name}.expected.json").write_text(json.dumps(expected, ensure_ascii=True) + "\n")
