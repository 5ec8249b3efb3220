# entry: solve
# arguments: [6000]
def solve(n):
    threes, fives = set(range(0, n, 3)), set(range(0, n, 5))
    both, either = threes & fives, threes | fives
    return len(both), len(either), len(threes ^ fives), {x for x in both if x < 60}
