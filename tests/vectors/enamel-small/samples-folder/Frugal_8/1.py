from typing import List


def best_rise(prices: List[int]) -> int:
    """Return the largest later price minus an earlier one, or 0 when prices never rise.
    >>> best_rise([5, 2, 9, 1])
    7
    """
    best = 0
    for i in range(len(prices)):
        for j in range(i + 1, len(prices)):
            best = max(best, prices[j] - prices[i])
    return best
