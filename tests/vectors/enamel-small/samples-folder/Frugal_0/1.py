from typing import List


def pair_sum_exists(values: List[int], target: int) -> bool:
    """Tell whether two different positions of values hold numbers that add up to target.
    >>> pair_sum_exists([3, 8, 5], 8)
    True
    >>> pair_sum_exists([4], 8)
    False
    """
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if values[i] + values[j] == target:
                return True
    return False
