def gear_pairs(teeth):
    pairs = 0
    for large in range(2, teeth + 1):
        for small in range(1, large):
            divisor, rest = large, small
            while rest:
                divisor, rest = rest, divisor % rest
            if divisor == 1:
                pairs += 1
    return pairs
