def crate_loads(weights):
    reached = [True] + [False] * sum(weights)
    top = 0
    for weight in weights:
        for total in range(top, -1, -1):
            if reached[total]:
                reached[total + weight] = True
        top += weight
    return sum(reached)
