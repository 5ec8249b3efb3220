def generate(n, random):
    return ([random.randrange(1, n // 2 + 2) for _ in range(n)],)


def contract(periods):
    return all(period >= 1 for period in periods)
