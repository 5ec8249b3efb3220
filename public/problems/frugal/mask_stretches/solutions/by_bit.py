def mask_stretches(masks):
    total = 0
    for bit in range(8):
        fold = ones = 0
        for mask in masks:
            fold ^= mask >> bit & 1
            ones += fold
        total += ones * (len(masks) + 1 - ones) << bit
    return total
