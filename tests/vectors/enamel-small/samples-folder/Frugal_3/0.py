    total = 0
    totals = []
    for value in values:
        total += value
        totals.append(total)
    return totals
