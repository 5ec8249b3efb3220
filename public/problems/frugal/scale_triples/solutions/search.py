def scale_triples(stones):
    weights = sorted(set(stones))
    counts = [stones.count(weight) for weight in weights]
    ways = 0
    for later in range(len(stones)):
        for earlier in range(later):
            weight = stones[earlier] + stones[later]
            first, last = 0, len(weights)
            while first < last:
                middle = (first + last) // 2
                if weights[middle] < weight:
                    first = middle + 1
                else:
                    last = middle
            if first < len(weights) and weights[first] == weight:
                ways += counts[first]
    return ways
