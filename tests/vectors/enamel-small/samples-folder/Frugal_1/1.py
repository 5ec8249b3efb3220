from typing import List


def most_frequent(words: List[str]) -> str:
    """Return the word that stands most often in words; of several, the smallest. words is not empty.
    >>> most_frequent(["b", "a", "b", "a"])
    'a'
    """
    return min(words, key=lambda word: (-words.count(word), word))
