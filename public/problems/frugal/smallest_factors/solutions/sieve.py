from math import isqrt


def smallest_factors(limit):
    factors = list(range(limit + 1))
    for factor in range(isqrt(limit), 1, -1):
        first = factor * factor
        factors[first::factor] = [factor] * len(range(first, limit + 1, factor))
    return sum(factors) - sum(factors[:2])
