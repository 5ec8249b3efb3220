"""Small Python tasks, each a sentence and a function that does what it says. All of it is made here, from a seed.

A task over a list is a combination: what to select, what to make of each element, how to reduce. Combinations whose key
falls into one tenth of a hash are never trained on; they are the held-out set that the model card speaks of.
"""

import hashlib
import random

NOUNS = ["numbers", "values", "items", "scores", "prices", "sizes"]
ONE = {"numbers": "number", "values": "value", "items": "item", "scores": "score", "prices": "price", "sizes": "size"}

# What is selected: words, name, condition.
SELECT = [
    ("", "", None),
    ("even ", "even", "{x} % 2 == 0"),
    ("odd ", "odd", "{x} % 2 == 1"),
    ("positive ", "positive", "{x} > 0"),
    ("negative ", "negative", "{x} < 0"),
    ("nonzero ", "nonzero", "{x} != 0"),
    ("distinct ", "distinct", "distinct"),
    ("large ", "large", "{x} > limit"),
    ("small ", "small", "{x} < limit"),
]

# What becomes of each element: words, name, expression.
MAP = [
    ("", "", "{x}"),
    ("squares of the ", "squares", "{x} * {x}"),
    ("cubes of the ", "cubes", "{x} * {x} * {x}"),
    ("doubles of the ", "doubles", "2 * {x}"),
    ("halves of the ", "halves", "{x} // 2"),
    ("absolute values of the ", "absolutes", "abs({x})"),
    ("opposites of the ", "opposites", "-{x}"),
    ("last digits of the ", "last_digits", "{x} % 10"),
]

# How it ends: words, name, start, step with {e}, short form over a generator, result.
REDUCE = [
    ("the sum of the ", "sum", "total = 0", "total += {e}", "sum({g})", "total"),
    ("the product of the ", "product", "product = 1", "product *= {e}", None, "product"),
    ("how many there are of the ", "count", "count = 0", "count += 1", None, "count"),
    ("a list of the ", "list", "result = []", "result.append({e})", "[{g}]", "result"),
    ("the largest of the ", "largest", "best = None", "if best is None or {e} > best:\n{i}    best = {e}", "max({g}, default=None)", "best"),
    ("the smallest of the ", "smallest", "best = None", "if best is None or {e} < best:\n{i}    best = {e}", "min({g}, default=None)", "best"),
]

VERBS = ["Return", "Compute", "Find", "Give"]

# Tasks of their own: sentences, name, solutions.
SINGLE = [
    (["the factorial of n", "the product of 1 to n"], "factorial(n)",
     ["result = 1\nfor i in range(2, n + 1):\n    result *= i\nreturn result", "if n < 2:\n    return 1\nreturn n * factorial(n - 1)"]),
    (["the nth Fibonacci number", "the Fibonacci number at n"], "fibonacci(n)",
     ["a, b = 0, 1\nfor _ in range(n):\n    a, b = b, a + b\nreturn a"]),
    (["the greatest common divisor of a and b", "the largest number that divides a and b"], "gcd(a, b)",
     ["while b:\n    a, b = b, a % b\nreturn a"]),
    (["the least common multiple of a and b"], "lcm(a, b)",
     ["x, y = a, b\nwhile y:\n    x, y = y, x % y\nreturn a // x * b"]),
    (["whether n is prime", "True if n is a prime number"], "is_prime(n)",
     ["if n < 2:\n    return False\ni = 2\nwhile i * i <= n:\n    if n % i == 0:\n        return False\n    i += 1\nreturn True",
      "if n < 2:\n    return False\nfor i in range(2, n):\n    if n % i == 0:\n        return False\nreturn True"]),
    (["the sum of the digits of n", "the digits of n, added up"], "digit_sum(n)",
     ["total = 0\nwhile n > 0:\n    total += n % 10\n    n //= 10\nreturn total", "return sum(int(digit) for digit in str(n))"]),
    (["how many digits n has", "the number of digits of n"], "digit_count(n)",
     ["count = 1\nwhile n >= 10:\n    n //= 10\n    count += 1\nreturn count", "return len(str(n))"]),
    (["the steps of the Collatz sequence from n to 1"], "collatz_steps(n)",
     ["steps = 0\nwhile n != 1:\n    if n % 2 == 0:\n        n //= 2\n    else:\n        n = 3 * n + 1\n    steps += 1\nreturn steps"]),
    (["base to the power of exponent"], "power(base, exponent)",
     ["result = 1\nfor _ in range(exponent):\n    result *= base\nreturn result",
      "result = 1\nwhile exponent > 0:\n    if exponent % 2 == 1:\n        result *= base\n    base *= base\n    exponent //= 2\nreturn result"]),
    (["the sum of the numbers from 1 to n", "the nth triangular number"], "triangular(n)",
     ["total = 0\nfor i in range(1, n + 1):\n    total += i\nreturn total", "return n * (n + 1) // 2"]),
    (["the divisors of n", "a list of the divisors of n"], "divisors(n)",
     ["result = []\nfor i in range(1, n + 1):\n    if n % i == 0:\n        result.append(i)\nreturn result"]),
    (["the text backwards", "the text in reverse"], "backwards(text)",
     ["return text[::-1]", "result = \"\"\nfor letter in text:\n    result = letter + result\nreturn result"]),
    (["whether the text reads the same backwards", "True if the text is a palindrome"], "is_palindrome(text)",
     ["return text == text[::-1]",
      "i = 0\nj = len(text) - 1\nwhile i < j:\n    if text[i] != text[j]:\n        return False\n    i += 1\n    j -= 1\nreturn True"]),
    (["how many vowels the text has", "the number of vowels in the text"], "vowel_count(text)",
     ["count = 0\nfor letter in text:\n    if letter in \"aeiou\":\n        count += 1\nreturn count",
      "return sum(1 for letter in text if letter in \"aeiou\")"]),
    (["the text without spaces"], "without_spaces(text)",
     ["return text.replace(\" \", \"\")", "result = \"\"\nfor letter in text:\n    if letter != \" \":\n        result += letter\nreturn result"]),
    (["how often the letter occurs in the text"], "letter_count(text, letter)",
     ["count = 0\nfor other in text:\n    if other == letter:\n        count += 1\nreturn count", "return text.count(letter)"]),
    (["the words of the text in reverse order"], "reverse_words(text)",
     ["return \" \".join(reversed(text.split()))"]),
    (["the longest word of the text"], "longest_word(text)",
     ["best = \"\"\nfor word in text.split():\n    if len(word) > len(best):\n        best = word\nreturn best"]),
]


def indented(text, depth):
    return "\n".join("    " * depth + line for line in text.split("\n"))


class Combination:
    """One task over a list."""

    def __init__(self, select, change, reduce):
        self.select, self.change, self.reduce = select, change, reduce

    @property
    def key(self):
        return f"{self.reduce[1]}|{self.change[1]}|{self.select[1]}"

    @property
    def held_out(self):
        return hashlib.sha256(self.key.encode()).digest()[0] < 26

    def parameters(self, noun):
        return [noun] + (["limit"] if "limit" in (self.select[2] or "") else [])

    def head(self, noun, verb):
        what = f"{self.reduce[0]}{self.change[0]}{self.select[0]}{noun}"
        where = {"large ": " above the limit", "small ": " below the limit"}.get(self.select[0], "")
        what = what.replace("large ", "").replace("small ", "") + where
        parts = [part for part in (self.reduce[1], self.select[1], self.change[1]) if part]
        # A function by the name of a builtin would call itself.
        name = "_".join(parts) if len(parts) > 1 else f"{parts[0]}_of_{noun}"
        return f"# {verb} {what}.\ndef {name}({', '.join(self.parameters(noun))}):\n"

    def solutions(self, noun):
        x = ONE[noun]
        element = self.change[2].format(x=x)
        condition, source = self.select[2], noun
        if condition == "distinct":
            condition, source = None, f"set({noun})" if self.reduce[1] != "list" else f"sorted(set({noun}))"
        condition = condition.format(x=x) if condition else None
        depth = 2 if condition else 1
        step = self.reduce[3].format(e=element, i="    " * 0)
        loop = self.reduce[2] + f"\nfor {x} in {source}:\n"
        if condition:
            loop += f"    if {condition}:\n"
        loop += indented(step, depth) + f"\nreturn {self.reduce[5]}"
        bodies = [loop]
        if self.reduce[4]:
            generator = f"{element} for {x} in {source}" + (f" if {condition}" if condition else "")
            bodies.append("return " + self.reduce[4].format(g=f"({generator})" if "," in self.reduce[4] else generator))
        return bodies


COMBINATIONS = [Combination(s, m, r) for r in REDUCE for m in MAP for s in SELECT if not (r[1] == "count" and m[1])]


def example(rng, combinations):
    """A task with one of its solutions, as text."""
    if rng.random() < 0.3:
        sentences, head, bodies = rng.choice(SINGLE)
        text = f"# {rng.choice(VERBS)} {rng.choice(sentences)}.\ndef {head}:\n"
        return text + indented(rng.choice(bodies), 1) + "\n"
    task, noun = rng.choice(combinations), rng.choice(NOUNS)
    return task.head(noun, rng.choice(VERBS)) + indented(rng.choice(task.solutions(noun)), 1) + "\n"


def corpus(seed, count):
    """Texts to train on: no held-out combination among them."""
    rng = random.Random(seed)
    seen = [task for task in COMBINATIONS if not task.held_out]
    return [example(rng, seen) for _ in range(count)]


def held_out():
    """Heads of held-out tasks, each with a reference solution."""
    return [(task.head("numbers", "Return"), task.parameters("numbers"), indented(task.solutions("numbers")[0], 1) + "\n")
            for task in COMBINATIONS if task.held_out]
