def crossed_cables(landings):
    size = len(landings)
    counts = [0] * (size + 1)
    crossings = 0
    for earlier, landing in enumerate(landings):
        crossings += earlier
        place = landing
        while place > 0:
            crossings -= counts[place]
            place &= place - 1
        place = landing + 1
        while place <= size:
            counts[place] += 1
            place += place & -place
    return crossings
