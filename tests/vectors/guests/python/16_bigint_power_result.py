# entry: solve
# arguments: [300]
def solve(n):
    values = [pow(3, i) for i in range(n)]
    return [sum(values), values[-1] // values[n // 2], pow(7, 10**30, 10**9 + 7)]
