# entry: solve
# arguments: [150]
def solve(n):
    table = [[i * j for j in range(n) if j % 3] for i in range(n)]
    return sum(max(row) - min(row) for row in table)
