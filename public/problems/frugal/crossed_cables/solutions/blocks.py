from math import isqrt


def crossed_cables(landings):
    size = isqrt(len(landings)) + 1
    taken = [0] * len(landings)
    blocks = [0] * (len(landings) // size + 1)
    crossings = 0
    for landing in landings:
        block = landing // size
        for full in range(block + 1, len(blocks)):
            crossings += blocks[full]
        for place in range(landing, min((block + 1) * size, len(taken))):
            crossings += taken[place]
        taken[landing] = 1
        blocks[block] += 1
    return crossings
