def generate(n, random):
    return ([random.randint(1, 3 * n) for _ in range(n)],)


def contract(stones):
    return all(stone >= 1 for stone in stones)
