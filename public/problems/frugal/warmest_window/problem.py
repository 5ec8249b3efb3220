def generate(n, random):
    return [[random.randrange(50) for _ in range(n)] for _ in range(n)], max(1, n // 3)


def contract(heat, side):
    return 1 <= side <= len(heat) and all(len(row) == len(heat) for row in heat)
