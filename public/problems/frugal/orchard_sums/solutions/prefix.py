def orchard_sums(yields, stretches):
    before = [0]
    for kilograms in yields:
        before.append(before[-1] + kilograms)
    return [before[last] - before[first] for first, last in stretches]
