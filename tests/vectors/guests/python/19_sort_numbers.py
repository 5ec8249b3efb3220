# entry: solve
# arguments: [6000]
def solve(n):
    value, items = 42, []
    for _ in range(n):
        value = value * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        items.append(value >> 40)
    items.sort()
    return items[0], items[n // 2], items[-1]
