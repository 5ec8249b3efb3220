from math import isqrt


def granary_ledger(granaries, ledger):
    size = isqrt(granaries) + 1
    stock = [0] * granaries
    blocks = [0] * (granaries // size + 1)
    counts = []
    for granary, sacks, place, last in ledger:
        stock[granary] += sacks
        blocks[granary // size] += sacks
        total = 0
        while place < last and place % size:
            total += stock[place]
            place += 1
        while place + size <= last:
            total += blocks[place // size]
            place += size
        while place < last:
            total += stock[place]
            place += 1
        counts.append(total)
    return counts
