    counts = {}
    pairs = 0
    for value in values:
        before = counts.get(value, 0)
        pairs += before
        counts[value] = before + 1
    return pairs
