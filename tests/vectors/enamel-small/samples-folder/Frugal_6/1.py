from typing import List


def merge_sorted(left: List[int], right: List[int]) -> List[int]:
    """Merge two ascending lists into one ascending list.
    >>> merge_sorted([1, 4], [2, 3])
    [1, 2, 3, 4]
    """
    merged = list(left)
    for value in right:
        at = 0
        while at < len(merged) and merged[at] < value:
            at += 1
        merged.insert(at, value)
    return merged
