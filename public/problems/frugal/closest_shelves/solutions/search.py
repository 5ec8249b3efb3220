def closest_shelves(left, right):
    best = abs(left[0] - right[0])
    for height in left:
        first, last = 0, len(right)
        while first < last:
            middle = (first + last) // 2
            if right[middle] < height:
                first = middle + 1
            else:
                last = middle
        for neighbour in right[max(first - 1, 0) : first + 1]:
            best = min(best, abs(neighbour - height))
    return best
