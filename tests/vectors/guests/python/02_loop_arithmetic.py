# entry: solve
# arguments: [15000]
def solve(n):
    total = 0
    for i in range(n):
        total += i * i % 7 - (i >> 3)
    return total
