# entry: solve
# arguments: [18]
def solve(n):
    return n if n < 2 else solve(n - 1) + solve(n - 2)
