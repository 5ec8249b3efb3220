def deepest_wells(levels, days):
    levels = list(levels)
    drawn = 0
    for _ in range(days):
        fullest = 0
        for well in range(len(levels)):
            if levels[well] > levels[fullest]:
                fullest = well
        half = (levels[fullest] + 1) // 2
        levels[fullest] -= half
        drawn += half
    return drawn
