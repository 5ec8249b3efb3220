def generate(n, random):
    return ([[random.random() < 0.5 for _ in range(n)] for _ in range(n)],)


def contract(lit):
    return all(len(row) == len(lit) for row in lit)
