from math import isqrt


def deepest_wells(levels, days):
    size = isqrt(len(levels)) + 1
    blocks = [levels[first : first + size] for first in range(0, len(levels), size)]
    fullest = [max(block) for block in blocks]
    drawn = 0
    for _ in range(days):
        choice = 0
        for block in range(len(blocks)):
            if fullest[block] > fullest[choice]:
                choice = block
        half = (fullest[choice] + 1) // 2
        wells = blocks[choice]
        wells[wells.index(fullest[choice])] -= half
        highest = 0
        for level in wells:
            if level > highest:
                highest = level
        fullest[choice] = highest
        drawn += half
    return drawn
