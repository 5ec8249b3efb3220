def granary_ledger(granaries, ledger):
    stock = [0] * granaries
    counts = []
    for granary, sacks, first, last in ledger:
        stock[granary] += sacks
        total = 0
        for place in range(first, last):
            total += stock[place]
        counts.append(total)
    return counts
