from math import isqrt


def orchard_sums(yields, stretches):
    size = isqrt(len(yields)) + 1
    blocks = [0] * (len(yields) // size + 1)
    for tree, kilograms in enumerate(yields):
        blocks[tree // size] += kilograms
    harvests = []
    for tree, last in stretches:
        total = 0
        while tree < last and tree % size:
            total += yields[tree]
            tree += 1
        while tree + size <= last:
            total += blocks[tree // size]
            tree += size
        while tree < last:
            total += yields[tree]
            tree += 1
        harvests.append(total)
    return harvests
