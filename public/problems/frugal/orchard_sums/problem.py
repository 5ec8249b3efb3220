def generate(n, random):
    yields = [random.randrange(100) for _ in range(n)]
    stretches = [sorted((random.randrange(n + 1), random.randrange(n + 1))) for _ in range(n)]
    return yields, stretches


def contract(yields, stretches):
    return all(0 <= first <= last <= len(yields) for first, last in stretches)
