from bisect import bisect_left


def tariff_steps(limits, weights):
    total = 0
    for weight in weights:
        total += bisect_left(limits, weight)
    return total
