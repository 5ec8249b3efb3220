# entry: solve
# arguments: [90]
def solve(n):
    a = "kitten sitting " * (n // 15)
    b = "sitting kitten " * (n // 15)
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y)))
        previous = current
    return previous[-1]
