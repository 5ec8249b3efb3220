//! The lessons in Python.

use super::{Example, Language};

const QUADRATIC: &str = "\
# Does any number appear twice? Compare every pair.
def has_duplicate(n):
    numbers = [i * i % 10007 for i in range(n)]
    for i in range(n):
        for j in range(i):
            if numbers[i] == numbers[j]:
                return True
    return False
";
const LINEAR: &str = "\
# Does any number appear twice? Remember what was seen.
def has_duplicate(n):
    numbers = [i * i % 10007 for i in range(n)]
    seen = set()
    for number in numbers:
        if number in seen:
            return True
        seen.add(number)
    return False
";
const RECURSION: &str = "\
# Each call makes two more: the same numbers are computed again and again.
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)
";
const ITERATION: &str = "\
# Carry the last two numbers along.
def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
";
const PREPEND: &str = "\
# Put each word in front: every step copies the whole text.
def countdown(n):
    text = ''
    for i in range(n):
        text = f'{i}, ' + text
    return len(text)
";
const JOIN: &str = "\
# Collect the words, then join them once.
def countdown(n):
    words = []
    for i in range(n):
        words.append(f'{i}, ')
    words.reverse()
    return len(''.join(words))
";
const LIST_LOOKUP: &str = "\
# `in` walks the list from its start, every time.
def known(n):
    evens = list(range(0, n, 2))
    return sum(1 for i in range(n) if i in evens)
";
const SET_LOOKUP: &str = "\
# `in` on a set looks in one place.
def known(n):
    evens = set(range(0, n, 2))
    return sum(1 for i in range(n) if i in evens)
";
const BUBBLE: &str = "\
# Sorting by hand, in Python.
def middle(n):
    numbers = [i * 7919 % 1009 for i in range(n)]
    for end in range(n - 1, 0, -1):
        for i in range(end):
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
    return numbers[n // 2]
";
const SORTED: &str = "\
# Sorting by the language's own routine.
def middle(n):
    numbers = [i * 7919 % 1009 for i in range(n)]
    return sorted(numbers)[n // 2]
";
const FOREVER: &str = "\
# No clock can say whether this ends. A fuel limit can always end it.
def search(n):
    while n != 1 or True:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
";
const PROGRAM: &str = "\
# A whole program: it reads standard input and prints.
import sys
from collections import Counter

words = sys.stdin.read().lower().split()
for word, count in Counter(words).most_common(3):
    print(f'{count:3} {word}')
";

pub(super) const LESSONS: [Example; 7] = [
    Example {
        id: "quadratic-linear",
        title: "Quadratic or linear",
        lesson: "Twice the input costs the first four times as much, the second only twice. Try n = 200.",
        language: Language::Python,
        source: QUADRATIC,
        second_source: Some(LINEAR),
        entry: "has_duplicate",
        input: "[100]",
    },
    Example {
        id: "recursion-iteration",
        title: "Recursion or iteration",
        lesson: "One more n makes the recursion 1.6 times dearer, the loop one step.",
        language: Language::Python,
        source: RECURSION,
        second_source: Some(ITERATION),
        entry: "fibonacci",
        input: "[16]",
    },
    Example {
        id: "string-building",
        title: "Building a string",
        lesson: "Copying is charged by the byte, so what looks like one step is not.",
        language: Language::Python,
        source: PREPEND,
        second_source: Some(JOIN),
        entry: "countdown",
        input: "[6000]",
    },
    Example {
        id: "list-set",
        title: "List or set",
        lesson: "The same word, `in`, at two very different prices.",
        language: Language::Python,
        source: LIST_LOOKUP,
        second_source: Some(SET_LOOKUP),
        entry: "known",
        input: "[400]",
    },
    Example {
        id: "by-hand",
        title: "By hand or built in",
        lesson: "A better algorithm, and compiled code instead of interpreted: both count.",
        language: Language::Python,
        source: BUBBLE,
        second_source: Some(SORTED),
        entry: "middle",
        input: "[101]",
    },
    Example {
        id: "forever",
        title: "A loop without end",
        lesson: "It stops at its fuel limit, at the same unit on every machine; Stop ends it sooner.",
        language: Language::Python,
        source: FOREVER,
        second_source: None,
        entry: "search",
        input: "[27]",
    },
    Example {
        id: "program",
        title: "A whole program",
        lesson: "Standard input in, printed text out; the whole run is measured.",
        language: Language::Python,
        source: PROGRAM,
        second_source: None,
        entry: "",
        input: "the quick brown fox jumps over the lazy dog the end",
    },
];
