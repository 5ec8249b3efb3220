def generate(n, random):
    return [random.randrange(10**6, 2 * 10**6) for _ in range(n)], n


def contract(levels, days):
    return len(levels) > 0 and all(level >= 0 for level in levels) and days >= 0
