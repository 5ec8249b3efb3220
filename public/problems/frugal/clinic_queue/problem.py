def generate(n, random):
    return ([random.randint(n // 2 + 1, n) for _ in range(n)],)


def contract(visits):
    return all(count >= 1 for count in visits)
