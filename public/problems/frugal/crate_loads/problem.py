def generate(n, random):
    weights = [1 + place % 10 for place in range(n)]
    random.shuffle(weights)
    return (weights,)


def contract(weights):
    return all(1 <= weight <= 10 for weight in weights)
