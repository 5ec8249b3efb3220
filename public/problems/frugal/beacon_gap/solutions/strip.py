from math import isqrt


def beacon_gap(beacons):
    beacons = sorted(beacons)
    reach = isqrt(len(beacons)) + 1
    best = None
    for later in range(len(beacons)):
        x, y = beacons[later]
        earlier = later - 1
        while earlier >= 0 and (later - earlier <= reach or (x - beacons[earlier][0]) ** 2 < best):
            other_x, other_y = beacons[earlier]
            gap = (x - other_x) * (x - other_x) + (y - other_y) * (y - other_y)
            if best is None or gap < best:
                best = gap
            earlier -= 1
    return best
