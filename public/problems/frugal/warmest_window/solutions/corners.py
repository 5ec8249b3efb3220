def warmest_window(heat, side):
    size = len(heat)
    above = [0] * (size + 1)
    totals = [above]
    for row in heat:
        run = 0
        line = [0]
        for column, value in enumerate(row):
            run += value
            line.append(run + above[column + 1])
        totals.append(line)
        above = line
    best = None
    for bottom in range(side, size + 1):
        low, high = totals[bottom], totals[bottom - side]
        for right in range(side, size + 1):
            total = low[right] - low[right - side] - high[right] + high[right - side]
            if best is None or total > best:
                best = total
    return best
