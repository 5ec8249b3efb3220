def scale_triples(stones):
    ways = 0
    for later in range(len(stones)):
        for earlier in range(later):
            weight = stones[earlier] + stones[later]
            for stone in stones:
                if stone == weight:
                    ways += 1
    return ways
