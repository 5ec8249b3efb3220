from typing import List


def first_seen(values: List[int]) -> List[int]:
    """Return values without repeats, each where it stood first.
    >>> first_seen([2, 1, 2, 3, 1])
    [2, 1, 3]
    """
    kept = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept
