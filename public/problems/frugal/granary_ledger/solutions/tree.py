def granary_ledger(granaries, ledger):
    totals = [0] * (granaries + 1)
    counts = []
    for granary, sacks, first, last in ledger:
        granary += 1
        while granary <= granaries:
            totals[granary] += sacks
            granary += granary & -granary
        count = 0
        while last > first:
            count += totals[last]
            last &= last - 1
        while first > last:
            count -= totals[first]
            first &= first - 1
        counts.append(count)
    return counts
