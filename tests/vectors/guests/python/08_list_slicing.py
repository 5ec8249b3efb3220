# entry: solve
# arguments: [400]
def solve(n):
    items = list(range(n))
    for k in range(1, n):
        items = items[k % 17 :] + items[: k % 17]
        items[::2] = reversed(items[::2])
    return items[:10]
