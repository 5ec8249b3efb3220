# entry: solve
# arguments: [600]
def solve(limit):
    best, best_start = 0, 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = 3 * n + 1 if n & 1 else n // 2
            steps += 1
            if steps > 60:
                break
        if steps > best:
            best, best_start = steps, start
    return best, best_start
