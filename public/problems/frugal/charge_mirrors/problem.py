def generate(n, random):
    if n < 20:
        return ([random.choice((-1, 1)) for _ in range(n)],)
    return ([(-1) ** place for place in range(n)],)


def contract(charges):
    return all(charge in (-1, 1) for charge in charges)
