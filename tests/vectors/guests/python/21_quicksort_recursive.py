# entry: solve
# arguments: [1800]
def quicksort(items):
    if len(items) <= 1:
        return items
    pivot = items[len(items) // 2]
    return (
        quicksort([x for x in items if x < pivot])
        + [x for x in items if x == pivot]
        + quicksort([x for x in items if x > pivot])
    )


def solve(n):
    return quicksort([i * 7919 % 10007 for i in range(n)])[::400]
