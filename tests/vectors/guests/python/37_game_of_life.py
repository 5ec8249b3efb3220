# entry: solve
# arguments: [16, 12]
def solve(size, steps):
    cells = {(i, i * i % size) for i in range(size)} | {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
    for _ in range(steps):
        counts = {}
        for x, y in cells:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        key = ((x + dx) % size, (y + dy) % size)
                        counts[key] = counts.get(key, 0) + 1
        cells = {key for key, count in counts.items() if count == 3 or count == 2 and key in cells}
    return sorted(cells)[:8], len(cells)
