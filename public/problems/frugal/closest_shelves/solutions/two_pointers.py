def closest_shelves(left, right):
    best = abs(left[0] - right[0])
    low = high = 0
    while low < len(left) and high < len(right):
        difference = left[low] - right[high]
        if difference < 0:
            low += 1
            difference = -difference
        else:
            high += 1
        if difference < best:
            best = difference
    return best
