def generate(n, random):
    weights = [20 - place // 2 % 20 if place % 2 else 1 + place // 2 % 20 for place in range(n)]
    random.shuffle(weights)
    return (weights,)


def contract(weights):
    return all(1 <= weight <= 20 for weight in weights)
