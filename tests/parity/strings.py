"""Ten thousand byte strings that a tokenizer may meet, from one seed."""

import random

COUNT = 10_000
SEED = 20_260_607

LETTERS = "etaoin shrdlu cmfwyp vbgkjq xz ETAOIN"
WORDS = """the of and to in a is that for it as was with be by on not he his but at are this have from or had an they
which one you were all her she there would their we him been has when who will no more if out so up said what its about
don't I'm you're we've he'll can't def return import print self lambda None True False class while 0x1F 3.14159 1e-9
naïve café Größe übermäßig señor façade Ελλάδα Москва привет мир שלום العربية हिन्दी ไทย 日本語 中文字符 한국어 Tiếng Việt""".split()
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "🏳️‍🌈", "❤️", "1️⃣", "🧑🏿‍🚀", "☃", "🤷‍♂️"]
MARKS = ["e\u0301", "a\u0308\u0323", "n\u0303", "\u0301", "\u1112\u1161\u11ab", "\ufb01", "\u212b", "\u00bd", "\u2460", "\u0344",
         "\uff21", "\u3392", "o\u0302\u0301", "\u0958", "Z\u0351\u036b\u0343", "\u1e9b\u0323"]
CONTROLS = ["\0", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1b[0m", "\x7f", "\x85", "\xa0", "\u200b", "\u200d", "\u2028", "\u202e",
            "\ufeff", "\u3000", "\u00ad", "\ufffd", "\ue000", "\u1680", "\U000e0041", "\U0010ffff"]
SPECIALS = ["<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>", "<0x41>", "▁", "Ġ", "<|im_start|", "▁▁", "Ċ"]
BROKEN = [b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80", b"\xe2\x28\xa1",
          b"\xf0\x90", b"\xf4\x90\x80\x80", b"\xe0\x9f\xbf"]


def piece(random_source):
    kind = random_source.randrange(12)
    if kind < 4:
        return (random_source.choice(["", " ", " ", "  "]) + random_source.choice(WORDS)).encode()
    if kind == 4:
        return "".join(random_source.choice(LETTERS) for _ in range(random_source.randrange(1, 9))).encode()
    if kind == 5:
        return str(random_source.randrange(10 ** random_source.randrange(1, 8))).encode()
    if kind == 6:
        return "".join(random_source.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ") for _ in range(random_source.randrange(1, 5))).encode()
    if kind == 7:
        return random_source.choice(EMOJI).encode()
    if kind == 8:
        return random_source.choice(MARKS).encode()
    if kind == 9:
        return random_source.choice(CONTROLS).encode()
    if kind == 10:
        return random_source.choice(SPECIALS).encode()
    return random_source.choice(
        [random_source.choice(BROKEN), chr(random_source.choice([0x80, 0x800, 0x1F600, 0xAC00, 0x4E00]) + random_source.randrange(64)).encode(),
         b" " * random_source.randrange(1, 6)])


def strings():
    random_source = random.Random(SEED)
    fixed = [b"", b" ", b"  ", b"\n", b"a", b"'s", b"\xff\xfe"]
    while len(fixed) < COUNT:
        fixed.append(b"".join(piece(random_source) for _ in range(random_source.randrange(1, 9))))
    return fixed


def training_text():
    """Lines of words for the tokenizers to learn from."""
    random_source = random.Random(SEED + 1)
    return [" ".join(random_source.choice(WORDS) for _ in range(12)) for _ in range(400)]
