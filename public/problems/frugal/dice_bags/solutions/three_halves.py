def dice_bags(first, second):
    size = len(first)
    if size <= 16 or size % 2:
        totals = [0] * (2 * size - 1)
        for face in range(size):
            count = first[face]
            for other in range(size):
                totals[face + other] += count * second[other]
        return totals
    half = size // 2
    low = dice_bags(first[:half], second[:half])
    high = dice_bags(first[half:], second[half:])
    mixed = dice_bags(
        [first[face] + first[face + half] for face in range(half)],
        [second[face] + second[face + half] for face in range(half)],
    )
    totals = low + [0] + high
    for total in range(size - 1):
        totals[total + half] += mixed[total] - low[total] - high[total]
    return totals
