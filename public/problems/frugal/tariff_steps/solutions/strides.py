from math import isqrt


def tariff_steps(limits, weights):
    stride = isqrt(len(limits)) + 1
    total = 0
    for weight in weights:
        step = 0
        while step + stride < len(limits) and limits[step + stride] < weight:
            step += stride
        while limits[step] < weight:
            step += 1
        total += step
    return total
