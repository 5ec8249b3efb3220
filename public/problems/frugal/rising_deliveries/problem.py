def generate(n, random):
    return ([5 * place + random.randrange(5 * n) for place in range(n)],)


def contract(weights):
    return all(weight >= 0 for weight in weights)
