def generate(n, random):
    limits = sorted(random.sample(range(2, 20 * n + 2), n))
    return limits, [limit - random.randrange(2) for limit in random.sample(limits, n)]


def contract(limits, weights):
    rising = all(low < high for low, high in zip(limits, limits[1:]))
    return rising and len(limits) > 0 and all(0 < weight <= limits[-1] for weight in weights)
