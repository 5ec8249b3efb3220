def gear_pairs(teeth):
    partners = list(range(teeth + 1))
    for factor in range(2, teeth + 1):
        if partners[factor] == factor:
            for number in range(factor, teeth + 1, factor):
                partners[number] -= partners[number] // factor
    return sum(partners) - 1
