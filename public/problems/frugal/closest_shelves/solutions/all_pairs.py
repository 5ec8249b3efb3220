def closest_shelves(left, right):
    best = abs(left[0] - right[0])
    for low in left:
        for high in right:
            difference = low - high if low > high else high - low
            if difference < best:
                best = difference
    return best
