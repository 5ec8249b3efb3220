def orchard_sums(yields, stretches):
    harvests = []
    for first, last in stretches:
        total = 0
        for tree in range(first, last):
            total += yields[tree]
        harvests.append(total)
    return harvests
