# entry: solve
# arguments: [12000]
import math


def solve(n):
    total = 0.0
    step = math.pi / n
    for i in range(n):
        x = (i + 0.5) * step
        total += math.sin(x) * step + math.sqrt(x) * 1e-9
    return total, math.fsum([0.1] * 10), -0.0, float("inf"), 1e-300 / 1e10
