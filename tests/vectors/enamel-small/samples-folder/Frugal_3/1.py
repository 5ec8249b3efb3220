from typing import List


def running_totals(values: List[int]) -> List[int]:
    """Return, for each position, the sum of values up to and including it.
    >>> running_totals([1, 2, 3])
    [1, 3, 6]
    """
    return [sum(values[: end + 1]) for end in range(len(values))]
