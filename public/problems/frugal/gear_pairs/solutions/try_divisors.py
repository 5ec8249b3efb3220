def gear_pairs(teeth):
    pairs = 0
    for large in range(2, teeth + 1):
        for small in range(1, large):
            divisor = 2
            while divisor <= small and (small % divisor or large % divisor):
                divisor += 1
            if divisor > small:
                pairs += 1
    return pairs
