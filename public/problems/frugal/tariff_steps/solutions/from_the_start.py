def tariff_steps(limits, weights):
    total = 0
    for weight in weights:
        step = 0
        while limits[step] < weight:
            step += 1
        total += step
    return total
