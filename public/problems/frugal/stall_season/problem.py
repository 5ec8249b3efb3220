def generate(n, random):
    return ([random.randint(-60, 60) for _ in range(n)],)


def contract(takings):
    return len(takings) > 0
