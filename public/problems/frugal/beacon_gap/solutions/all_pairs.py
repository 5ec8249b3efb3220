def beacon_gap(beacons):
    best = None
    for later in range(len(beacons)):
        x, y = beacons[later]
        for earlier in range(later):
            other_x, other_y = beacons[earlier]
            gap = (x - other_x) * (x - other_x) + (y - other_y) * (y - other_y)
            if best is None or gap < best:
                best = gap
    return best
