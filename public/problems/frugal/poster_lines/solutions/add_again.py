def poster_lines(lengths, width):
    best = [0]
    for end in range(1, len(lengths) + 1):
        lowest = None
        for start in range(end):
            left = width + 1
            for word in range(start, end):
                left -= lengths[word] + 1
            if left >= 0:
                cost = best[start] + left * left
                if lowest is None or cost < lowest:
                    lowest = cost
        best.append(lowest)
    return best[-1]
