def generate(n, random):
    return tuple([random.randrange(8 * n) for _ in range(n)] for _ in range(2))


def contract(starters, mains):
    return len(starters) == len(mains) > 0 and all(0 <= price < 8 * len(mains) for price in starters + mains)
