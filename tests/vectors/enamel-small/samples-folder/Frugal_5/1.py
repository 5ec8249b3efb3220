from typing import List


def equal_pairs(values: List[int]) -> int:
    """Count the pairs of different positions of values that hold the same number.
    >>> equal_pairs([1, 2, 1, 1])
    3
    """
    pairs = 0
    for i in range(len(values)):
        for j in range(i):
            pairs += values[i] == values[j]
    return pairs
