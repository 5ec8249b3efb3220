from math import isqrt


def digit_drains(limit):
    stride = 40 + 8 * isqrt(limit)
    known = {0: 0}
    total = 0
    for first in range(1, limit + 1):
        level = first
        times = 0
        while level not in known:
            rest = level
            while rest:
                level -= rest % 10
                rest //= 10
            times += 1
        times += known[level]
        if first % stride >= stride - 40:
            known[first] = times
        total += times
    return total
