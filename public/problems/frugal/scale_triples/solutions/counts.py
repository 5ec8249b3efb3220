def scale_triples(stones):
    counts = [0] * (2 * max(stones, default=0) + 1)
    for stone in stones:
        counts[stone] += 1
    ways = 0
    for later in range(len(stones)):
        stone = stones[later]
        for earlier in range(later):
            ways += counts[stones[earlier] + stone]
    return ways
