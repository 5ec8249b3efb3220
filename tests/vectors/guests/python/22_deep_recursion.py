# entry: solve
# arguments: [900]
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def solve(n):
    try:
        depth(5000)
    except RecursionError as error:
        limit = str(error)
    return sum(depth(n) for _ in range(12)), limit
