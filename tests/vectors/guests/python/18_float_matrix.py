# entry: solve
# arguments: [24]
def solve(n):
    a = [[(i * j % 7) / 3 for j in range(n)] for i in range(n)]
    b = [[(i + j) / 5 for j in range(n)] for i in range(n)]
    columns = list(zip(*b))
    c = [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]
    return c[n // 2][:3], sum(map(sum, c))
