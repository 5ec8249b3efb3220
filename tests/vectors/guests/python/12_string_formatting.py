# entry: solve
# arguments: [1500]
def solve(n):
    lines = []
    for i in range(n):
        lines.append(f"{i:05d}|{i / 3:8.3f}|{i:#x}|{'%s' % i:>6}")
    return lines[1234 % n], sum(map(len, lines))
