def poster_lines(lengths, width):
    best = [0]
    for end in range(1, len(lengths) + 1):
        lowest = None
        left = width + 1
        start = end
        while start:
            start -= 1
            left -= lengths[start] + 1
            if left < 0:
                break
            cost = best[start] + left * left
            if lowest is None or cost < lowest:
                lowest = cost
        best.append(lowest)
    return best[-1]
