def crate_loads(weights):
    reached = [True]
    for part in range(1, len(weights) + 1):
        reached = [True] + [False] * sum(weights[:part])
        top = 0
        for weight in weights[:part]:
            for total in range(top, -1, -1):
                if reached[total]:
                    reached[total + weight] = True
            top += weight
    return sum(reached)
