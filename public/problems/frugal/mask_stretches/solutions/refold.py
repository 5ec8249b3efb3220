def mask_stretches(masks):
    total = 0
    for first in range(len(masks)):
        for last in range(first, len(masks)):
            fold = 0
            for position in range(first, last + 1):
                fold ^= masks[position]
            total += fold
    return total
