def generate(n, random):
    side = 40 * n
    return ([[random.randrange(side), random.randrange(side)] for _ in range(n)],)


def contract(beacons):
    return len(beacons) >= 2 and all(len(beacon) == 2 for beacon in beacons)
