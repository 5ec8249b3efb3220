def mast_shadow(heights):
    tables = [heights]
    width = 1
    while width < len(heights):
        below = tables[-1]
        tables.append([max(below[mast], below[max(mast - width, 0)]) for mast in range(len(heights))])
        width *= 2
    total = 0
    for mast, height in enumerate(heights):
        other = mast - 1
        for power in range(len(tables) - 1, -1, -1):
            if other >= 0 and tables[power][other] <= height:
                other -= 1 << power
        if other >= 0:
            total += mast - other
    return total
