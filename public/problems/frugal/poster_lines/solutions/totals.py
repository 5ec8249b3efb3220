def poster_lines(lengths, width):
    before = [0]
    for length in lengths:
        before.append(before[-1] + length + 1)
    best = [0]
    for end in range(1, len(lengths) + 1):
        lowest = None
        for start in range(end):
            left = width + 1 - (before[end] - before[start])
            if left >= 0:
                cost = best[start] + left * left
                if lowest is None or cost < lowest:
                    lowest = cost
        best.append(lowest)
    return best[-1]
