# entry: solve
# arguments: [6000]
def solve(n):
    counts = {}
    value = 1
    for _ in range(n):
        value = value * 1103515245 + 12345 & 0x7FFFFFFF
        key = value % 997
        counts[key] = counts.get(key, 0) + 1
    return max(counts.values()), len(counts)
