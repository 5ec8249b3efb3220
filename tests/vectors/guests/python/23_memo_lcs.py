# entry: solve
# arguments: ["ACGTACGTTAGCACGATTGACCAGT", "TTAGCATCGACCGATACGATTGCAC"]
from functools import lru_cache


def solve(a, b):
    @lru_cache(None)
    def longest(i, j):
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + longest(i + 1, j + 1)
        return max(longest(i + 1, j), longest(i, j + 1))

    return longest(0, 0), longest.cache_info().misses
